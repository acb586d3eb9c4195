"""The embedded engine as one that answers services, and the first of several engines that can."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from besunny.errors import EngineFailedError, EngineUnavailableError
from besunny.inference.contracts.common import Answer, ServiceName
from besunny.inference.contracts.engine import EngineInfo, PassedOver
from besunny.inference.engines.protocol import AnsweringEngine, Deadline, Engine
from besunny.inference.run import run
from besunny.observability.logs import logger


class VectorEngine:
    """Answers by the services' own functions over vectors; made for each request, which it computes once.

    Args:
        engine: makes the vectors.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._kept: tuple[Any, Answer] | None = None

    @property
    def info(self) -> EngineInfo:
        """Of what makes the vectors."""
        return self._engine.info

    def answer(self, service: ServiceName, request: Any, *, now: datetime, deadline: Deadline) -> Answer:  # noqa: ARG002
        """The service's answer; the same request again gives the same answer, for an engine that stands on this one."""
        if self._kept is None or self._kept[0] is not request:
            self._kept = (request, run(service, request, engine=self._engine, now=now))
        return self._kept[1]


def first_answer(
    engines: Sequence[AnsweringEngine], service: ServiceName, request: Any, *, now: datetime, deadline: Deadline
) -> Answer:
    """The answer of the first engine that gives one; it names those that were passed over.

    Raises:
        EngineUnavailableError: none did, and one of them may another time.
        EngineFailedError: none did, and none will.
    """
    passed: list[PassedOver] = []
    for engine in engines:
        try:
            found = engine.answer(service, request, now=now, deadline=deadline)
        except (EngineUnavailableError, EngineFailedError) as error:
            name = EngineUnavailableError if isinstance(error, EngineUnavailableError) else EngineFailedError
            passed.append(PassedOver(engine=engine.info.name, error=name.__name__, reason=str(error)))
            logger().warning("engine passed over", extra={"service": service, **passed[-1].model_dump()})
        else:
            return found.model_copy(update={"passed_over": passed})
    reasons = "; ".join(f"{one.engine}: {one.reason}" for one in passed)
    may_pass = any(one.error == EngineUnavailableError.__name__ for one in passed)
    failed = (EngineUnavailableError if may_pass else EngineFailedError)(f"no engine answered: {reasons}")
    failed.passed_over = passed
    raise failed
