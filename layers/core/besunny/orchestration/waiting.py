"""`Prefer: wait=N`: short consistent reads until a workflow has ended or the time is up."""

from collections.abc import Callable
from datetime import datetime

from besunny.clock import Clock
from besunny.orchestration.models import WorkflowView
from besunny.orchestration.parts import Parts
from besunny.orchestration.view import full_view, owned
from besunny.orchestration.viewer import Viewer

_PATH = "/v1/ai-orchestration/workflows"
_SHORTEST, _LONGEST = 0.05, 0.5


def status_of(
    parts: Parts,
    workflow_id: str,
    caller: Viewer,
    *,
    wait: int,
    clock: Clock,
    sleep: Callable[[float], None],
) -> WorkflowView:
    """A workflow's status, once it has ended or `wait` seconds have passed.

    Args:
        wait: seconds; 0 looks once.
        clock: gives the present.
        sleep: waits, seconds in.

    Raises:
        NotFoundError: no such workflow of the caller's.
    """
    begun: datetime = clock()
    loaded = owned(parts, workflow_id, caller)
    pause = _SHORTEST
    while not loaded.record.status.ended and (clock() - begun).total_seconds() < wait:
        sleep(pause)
        pause = min(pause * 1.5, _LONGEST)
        record = parts.store.record(workflow_id)
        if record is not None and record.status.ended:
            loaded = owned(parts, workflow_id, caller)
    return full_view(parts, loaded, now=clock())


def once_ended(
    parts: Parts, view: WorkflowView, caller: Viewer, *, wait: int, clock: Clock, sleep: Callable[[float], None]
) -> WorkflowView:
    """The view as it is once the workflow has ended, or after `wait` seconds; arguments as in `status_of`."""
    if not wait or view.workflow_id is None or view.status is None or view.status.ended:
        return view
    return status_of(parts, view.workflow_id, caller, wait=wait, clock=clock, sleep=sleep)


def is_answer(view: WorkflowView, *, wait: int) -> bool:
    """Whether a view is the final answer to a request that starts work, so that 200 is right and not 202.

    Without a wait only a dry run and a cached result are; with one, whatever has ended by then.
    """
    if view.status is None:
        return True
    return view.status.ended and (wait > 0 or view.cached)


def location_of(view: WorkflowView) -> str | None:
    """Where a workflow's status is; None for a dry run."""
    return f"{_PATH}/{view.workflow_id}/status" if view.workflow_id else None
