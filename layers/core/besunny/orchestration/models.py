"""What callers of the orchestration API send and get."""

from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeInt,
    PrivateAttr,
    RootModel,
    model_validator,
)

from besunny.orchestration.costs import WorkflowCost
from besunny.orchestration.records import Priority, Saved, Status, WorkflowError
from besunny.request_body import RequestBody, check_id, relocated

OutputName = Annotated[str, Field(max_length=64)]


class WorkflowRequest(BaseModel):
    """A workflow to run.

    In the query form `workflow_type`, `project_id` and `priority` stand in the query; the body then has `input_data`
    and `expected_outputs`, or is the bare input itself. So other fields are let through here, and judged with it.

    Attributes:
        workflow_type: one of `GET /workflows/types`.
        input_data: the input of that type, or `{"upload_id": ...}` of `POST /uploads` with further fields.
        expected_outputs: which outputs; none means all.
        dry_run: run nothing; answer the plan and the estimate.
    """

    model_config = ConfigDict(extra="allow", hide_input_in_errors=True)
    _bare: bool = PrivateAttr(default=False)

    workflow_type: str | None = None
    input_data: dict[str, Any] | None = None
    expected_outputs: list[OutputName] | None = Field(default=None, max_length=32)
    project_id: Annotated[str, Field(max_length=200), AfterValidator(check_id)] | None = None
    priority: Priority | None = None
    dry_run: bool = False

    @property
    def is_bare(self) -> bool:
        """Whether the body was the input itself: then the input's fields stand beside those above."""
        return self._bare

    def with_its_extras_as_input(self) -> "WorkflowRequest":
        """This request, whose body is the input itself, as one that holds it in `input_data`."""
        own = {name: getattr(self, name) for name in type(self).model_fields}
        request = WorkflowRequest(**{**own, "input_data": dict(self.model_extra or {})})
        request._bare = True
        return request


MAX_ITEMS = 10_000


class BatchRequest(RequestBody):
    """Workflows to run as one batch; a bare array of them is taken too."""

    _bare: bool = PrivateAttr(default=False)

    workflows: list[WorkflowRequest] = Field(min_length=1, max_length=MAX_ITEMS)
    priority: Priority = Priority.NORMAL

    def place_of(self, index: int) -> str:
        """Where a workflow stands in the caller's body; it leads the field names of its errors."""
        return f"{index}." if self._bare else f"workflows.{index}."


class BatchBody(RootModel[BatchRequest | list[WorkflowRequest]]):
    """A batch as an object, or as a bare array of its workflows; what is made of either is a `BatchRequest`."""

    @model_validator(mode="wrap")
    @classmethod
    def _of_either_form(cls, body: Any, _: Any) -> Any:
        if not isinstance(body, list):
            return BatchRequest.model_validate(body)
        batch = relocated(BatchRequest.model_validate, {"workflows": body}, lambda location: location[1:])
        batch._bare = True
        return batch


class RerunRequest(RequestBody):
    """What to repeat; nothing named: what gave no result.

    Attributes:
        services: of a workflow.
        items: of a batch, by their places (`item_index`).
        input_data: fields of the input to send instead of the old ones; null takes one away. Nothing is reused then.
    """

    services: list[str] | None = None
    items: list[NonNegativeInt] | None = Field(default=None, max_length=MAX_ITEMS)
    input_data: dict[str, Any] | None = None


class WorkflowProgress(BaseModel):
    """Services of a workflow, or items of a batch.

    Attributes:
        total: how many there are; those that are not in the other figures wait or run.
        done: have a result.
        failed: ended without one.
        cancelled: were cancelled, alone or with the whole, before they had one.
    """

    total: int
    done: int
    failed: int
    cancelled: int


class WorkflowWaiting(BaseModel):
    """Why a workflow waits.

    Attributes:
        position: 1 is the next to start, of all tenants' work as it is now; 0: it joined equal work that runs.
        limited_by: `tenant` or `global`, the limit that binds; `none` in the moment before the start; `joined` where
            equal work runs, whose answer it will share.
        limit: that limit.
        in_use: how much of it is taken.
        expected_start: ISO 8601, if nothing else comes; null where none of its services has run within two hours; of
            work that it joined, when that started.
    """

    position: int
    limited_by: str
    limit: int
    in_use: int
    expected_start: str | None


class WorkflowPlan(BaseModel):
    """What a dry run would have done.

    Attributes:
        engine: the first choice for each service.
        joins: whether equal work is in flight, whose answer it would share.
        estimated_ms: from the last two hours' executions of the services; null where there were none.
        estimated_usd: from transitions and table units of the path, and `estimated_ms`; without metered engines.
    """

    services: list[str]
    engine: str
    input_bytes: int
    would_start_now: bool
    cached: bool
    joins: bool
    estimated_ms: float | None
    estimated_usd: float


class WorkflowView(BaseModel):
    """A workflow as its owner sees it.

    Attributes:
        success: false only where it ended without any result.
        result: of a single service, its answer; of a hybrid, a key a service and `combined`. A result above 1 MB is
            `{"result_url", "bytes", "expires_in"}` instead.
        engines: which engine computed each service's result.
        item_index: place in its batch, of an item of one.
        joined: it waited for equal work in flight, and shares its answer.
    """

    success: bool
    workflow_id: str | None
    batch_id: str | None = None
    workflow_type: str
    status: Status | None
    priority: Priority
    project_id: str | None = None
    result: Any = None
    processing_time_ms: float | None = None
    services_used: list[str] = []
    errors: list[WorkflowError] = []
    cached: bool = False
    joined: bool = False
    created_at: str | None = None
    started_at: str | None = None
    finished_at: str | None = None
    progress: WorkflowProgress | None = None
    waiting: WorkflowWaiting | None = None
    cost: WorkflowCost | None = None
    attempt: int = 0
    engines: dict[str, dict[str, Any]] = {}
    cancelled_at_step: str | None = None
    reused: list[str] = []
    rerun_of: str | None = None
    saved: Saved | None = None
    item_index: int | None = None
    plan: WorkflowPlan | None = None


class BatchView(WorkflowView):
    """A batch. `results` has its first items (100, or 4 MB) once ended; `GET .../{batch_id}/items` has them all."""

    total_workflows: int
    results: list[WorkflowView] = []


class WorkflowPage(BaseModel):
    """Workflows, and the cursor of the next page (null on the last)."""

    success: bool = True
    workflows: list[WorkflowView]
    next_cursor: str | None


class BatchItemsPage(BaseModel):
    """Items of a batch, and the cursor of the next page (null on the last of those that began)."""

    success: bool = True
    items: list[WorkflowView]
    next_cursor: str | None


class UploadTicket(BaseModel):
    """Where to PUT the file, and what to send as `input_data.upload_id` then."""

    success: bool = True
    upload_id: str
    method: str = "PUT"
    url: str
    expires_in: int
    max_bytes: int
