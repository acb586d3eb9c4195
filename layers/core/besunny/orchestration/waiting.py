"""`Prefer: wait=N`: short consistent reads until a workflow has ended or the time is up."""

from collections.abc import Callable
from dataclasses import dataclass
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


@dataclass(frozen=True)
class StartedWork:
    """What a request that starts work is answered with.

    Attributes:
        done: whether the body is the final answer, so that 200 is right and not 202.
        location: where its status is; None for a dry run.
    """

    body: WorkflowView
    done: bool
    location: str | None


def started_work(
    parts: Parts, view: WorkflowView, caller: Viewer, *, wait: int, clock: Clock, sleep: Callable[[float], None]
) -> StartedWork:
    """The answer once the workflow has ended, or after `wait` seconds; arguments as in `status_of`.

    Without a wait only a dry run and a cached result are done; with one, whatever has ended by then.
    """
    if wait and view.workflow_id is not None and view.status is not None and not view.status.ended:
        view = status_of(parts, view.workflow_id, caller, wait=wait, clock=clock, sleep=sleep)
    done = view.status is None or (view.status.ended and (wait > 0 or view.cached))
    location = f"{_PATH}/{view.workflow_id}/status" if view.workflow_id else None
    return StartedWork(view, done, location)
