"""An engine that answers with a chat model on top of the embedded engine: the same answers, in the same form."""

from datetime import datetime
from importlib import import_module
from typing import Any, cast

from besunny.inference.contracts.common import Answer, ServiceName
from besunny.inference.contracts.engine import EngineInfo
from besunny.inference.engines.protocol import AnsweringEngine, Deadline
from besunny.inference.generative.asking import Asker


class GenerativeEngine:
    """Vectors, offsets, shares of talk and dates stay the embedded engine's; see the modules beside this one.

    Args:
        embedded: answers first.
        asker: improves that answer.
    """

    def __init__(self, embedded: AnsweringEngine, asker: Asker) -> None:
        self._embedded = embedded
        self._asker = asker

    @property
    def info(self) -> EngineInfo:
        """Name, model, and versions of prompt and settings."""
        return self._asker.info

    def answer(self, service: ServiceName, request: Any, *, now: datetime, deadline: Deadline) -> Answer:
        """The embedded answer, improved.

        Raises:
            EngineUnavailableError, EngineFailedError: as `Asker.ask`.
        """
        base = self._embedded.answer(service, request, now=now, deadline=deadline)
        improve = import_module(f"besunny.inference.generative.{service}").improve
        return cast("Answer", improve(request, base, self._asker, deadline=deadline))
