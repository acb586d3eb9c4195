"""The embedded engine as one that answers services, and the first of several engines that can."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from besunny.errors import EngineFailedError, EngineUnavailableError
from besunny.inference.contracts.common import Answer, ServiceName
from besunny.inference.contracts.engine import CIRCUIT_OPEN, EngineAttempt, EngineInfo, PassedOver, Routing
from besunny.inference.engines.circuits import Watch
from besunny.inference.engines.protocol import AnsweringEngine, Deadline, Engine
from besunny.inference.engines.routing import Route
from besunny.inference.run import run
from besunny.observability.logs import logger
from besunny.observability.probe import Stopwatch


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
    engines: Sequence[AnsweringEngine],
    service: ServiceName,
    request: Any,
    *,
    now: datetime,
    deadline: Deadline,
    route: Route | None = None,
    watches: Mapping[str, Watch] | None = None,
) -> Answer:
    """The answer of the first engine that gives one; it names those that were passed over.

    Args:
        route: why these engines and no others; then the answer says how it was found.
        watches: of engines behind a network, by name.

    Raises:
        EngineUnavailableError: none did, and one of them may another time.
        EngineFailedError: none did, and none will.
    """
    passed: list[PassedOver] = list(route.rejected) if route else []
    attempts: list[EngineAttempt] = []

    def tried(name: str, outcome: str, watch: Stopwatch) -> None:
        requests = watches[name].requests if watches and name in watches else 0
        attempts.append(EngineAttempt(engine=name, outcome=outcome, requests=requests, milliseconds=watch.elapsed_ms()))

    for engine in engines:
        watch = Stopwatch()
        try:
            found = engine.answer(service, request, now=now, deadline=deadline)
        except (EngineUnavailableError, EngineFailedError) as error:
            name = EngineUnavailableError if isinstance(error, EngineUnavailableError) else EngineFailedError
            passed.append(PassedOver(engine=engine.info.name, error=name.__name__, reason=str(error)))
            tried(engine.info.name, name.__name__, watch)
            logger().warning("engine passed over", extra={"service": service, **passed[-1].model_dump()})
        else:
            tried(engine.info.name, "answered", watch)
            return found.model_copy(update={"passed_over": passed, "routing": _routing(route, attempts)})
    reasons = "; ".join(f"{one.engine}: {one.reason}" for one in passed)
    may_pass = any(one.error in (EngineUnavailableError.__name__, CIRCUIT_OPEN) for one in passed)
    failed = (EngineUnavailableError if may_pass else EngineFailedError)(f"no engine answered: {reasons}")
    failed.passed_over = passed
    raise failed


def _routing(route: Route | None, attempts: list[EngineAttempt]) -> Routing | None:
    if route is None:
        return None
    return Routing(candidates=route.order, probe=route.probing, rejected=route.rejected, attempts=attempts)
