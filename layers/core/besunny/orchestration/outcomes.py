"""What a service of a workflow came to in one attempt; kept beside its result, so that whoever is last can settle."""

from typing import Any

from pydantic import BaseModel

from besunny.inference.contracts.engine import EngineUsage, PassedOver
from besunny.orchestration.records import WorkflowError


class Outcome(BaseModel):
    """A service's end in one attempt of a workflow.

    Attributes:
        error: why there is no result; None where there is one.
        engine: what computed the result.
        passed_over: engines that came before it and did not answer.
        note: why it left a part of the source unread.
        memory_mb: of the function, for the cost.
        counts: figures of the answer that the combined result needs.
        usage: of metered engines.
    """

    service: str
    error: WorkflowError | None = None
    engine: dict[str, Any] | None = None
    passed_over: list[PassedOver] = []
    note: str | None = None
    processing_time_ms: float = 0.0
    memory_mb: int = 0
    counts: dict[str, int] = {}
    read_units: float = 0.0
    write_units: float = 0.0
    usage: EngineUsage | None = None
