"""What the ledger keeps of a workflow."""

from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from besunny.orchestration.catalogue import WorkflowType


class Status(StrEnum):
    """The states of a workflow; each change is one conditional write, and there is no way back from an end."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    PARTIALLY_COMPLETED = "partially_completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"

    @property
    def ended(self) -> bool:
        """Whether nothing can change any more."""
        return self not in (Status.QUEUED, Status.RUNNING)


class Priority(StrEnum):
    """How urgent a workflow is among those of its tenant."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class WorkflowError(BaseModel):
    """Why a service gave no result.

    Attributes:
        code: the error's name, such as `States.Timeout` or `InvalidInputError`.
        message: what happened, for a person; nothing of the input.
    """

    service: str | None = None
    code: str
    message: str


class InputReference(BaseModel):
    """Where the input lies: an item beside the workflow, an object, or bytes `start` to `end` (not included) of one.

    Attributes:
        projects_key: object with the tenant's projects, where many inputs share them.
    """

    model_config = ConfigDict(frozen=True)

    kind: Literal["item", "object", "range"]
    key: str | None = None
    start: int | None = None
    end: int | None = None
    projects_key: str | None = None


class ResultSource(BaseModel):
    """Whose stored result answers for a service: this workflow's attempt, or an earlier workflow's."""

    model_config = ConfigDict(frozen=True)

    workflow_id: str
    attempt: int


class Usage(BaseModel):
    """What a workflow has used up, counted where it happened.

    Attributes:
        engine_usd: of metered engines, as far as their prices are known.
        engine_unpriced: services whose engine's price is not known.
    """

    transitions: int = 0
    lambda_invocations: int = 0
    lambda_mb_ms: float = 0.0
    read_units: float = 0.0
    write_units: float = 0.0
    engine_calls: int = 0
    engine_input_tokens: int = 0
    engine_output_tokens: int = 0
    engine_usd: float = 0.0
    engine_unpriced: int = 0

    def plus(self, other: "Usage") -> "Usage":
        """The sum of both."""
        return Usage(**{name: getattr(self, name) + getattr(other, name) for name in Usage.model_fields})


class Saved(BaseModel):
    """What a rerun did not compute again.

    Attributes:
        milliseconds: that the reused results took when they were computed, one after the other.
        usd: of those milliseconds and of engines behind a network, as far as their prices are known.
    """

    milliseconds: float
    usd: float


class WorkflowRecord(BaseModel):
    """A workflow as the ledger keeps it. Times are ISO 8601 with milliseconds, in UTC.

    Attributes:
        owner: the `sub` that created it.
        services: those still to run in this workflow.
        sources: where each finished service's result lies.
        reused: services whose result comes from the workflow that this one repeats.
        saved: what that saved.
        combined: where a hybrid's combined result lies, as a result of the name `combined`.
        attempt: the fencing token; 0 until the first start.
        outcomes: services that have come to an end in this attempt; the one that is missing last ends the workflow.
        global_slot, tenant_slot: of the lease, while running.
        parent_id, item_index: of an item of a batch.
        total: items of a batch.
        joined_to: the equal workflow in flight whose answer will be, or was, this one's; it has no place in the queue.
        lifted_to: rank in the queue, where a more urgent one joined it.
        first_choices: the engines that share the first place for each service, where an engines document is
            configured; what another answered is not cached.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    workflow_id: str
    tenant_id: str
    owner: str
    workflow_type: WorkflowType
    status: Status
    priority: Priority = Priority.NORMAL
    project_id: str | None = None
    services: list[str] = []
    expected_outputs: list[str] = []
    title: str | None = None
    input: InputReference
    attempt: int = 0
    outcomes: list[str] = []
    created_at: str
    started_at: str | None = None
    finished_at: str | None = None
    lease_expires_at: str | None = None
    global_slot: int | None = None
    tenant_slot: int | None = None
    cache_key: str | None = None
    cached: bool = False
    joined_to: str | None = None
    lifted_to: int | None = None
    sources: dict[str, ResultSource] = {}
    reused: list[str] = []
    rerun_of: str | None = None
    saved: Saved | None = None
    engines: dict[str, dict[str, Any]] = {}
    first_choices: dict[str, list[dict[str, Any]]] = {}
    errors: list[WorkflowError] = []
    combined: ResultSource | None = None
    processing_time_ms: float | None = None
    cancelled_at_step: str | None = None
    parent_id: str | None = None
    item_index: int | None = None
    total: int | None = None
    usage: Usage = Usage()
    expires_at: int

    @property
    def lease_owner(self) -> str:
        """Who holds the lease; also the execution's name, so that a second start of an attempt is the same one."""
        return f"{self.workflow_id}-{self.attempt}"

    def awaits(self, service: str, attempt: int) -> bool:
        """Whether it runs this attempt, and the service has not come to an end in it."""
        return self.status is Status.RUNNING and self.attempt == attempt and service not in self.outcomes
