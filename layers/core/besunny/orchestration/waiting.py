"""`Prefer: wait=N`: short consistent reads until a workflow has ended or the time is up."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from aws_lambda_powertools.event_handler import Response

from besunny.api.prefer import wait_seconds
from besunny.api.principal import Principal
from besunny.clock import Clock
from besunny.orchestration.models import WorkflowView
from besunny.orchestration.parts import Parts
from besunny.orchestration.view import full_view, owned

_PATH = "/v1/ai-orchestration/workflows"
_SHORTEST, _LONGEST = 0.05, 0.5


def status_of(
    parts: Parts,
    workflow_id: str,
    caller: Principal,
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


ACCEPTED: dict[int, Any] = {
    200: {"description": "It is done: from the cache, or within the wait that was preferred, or a dry run"},
    202: {"description": "It waits or runs; `Location` says where its status is"},
}
"""The answers of what starts work, for the OpenAPI document."""


def accepted(
    parts: Parts,
    view: WorkflowView,
    caller: Principal,
    *,
    prefer: str | None,
    clock: Clock,
    sleep: Callable[[float], None],
) -> Response[Any]:
    """The HTTP answer for work that was taken: 202 and where to look, or 200 where it has ended by then."""
    if view.workflow_id is None:
        return Response(200, content_type="application/json", body=view)
    wait = wait_seconds(prefer)
    if wait and view.status is not None and not view.status.ended:
        view = status_of(parts, view.workflow_id, caller, wait=wait, clock=clock, sleep=sleep)
    done = view.status is not None and view.status.ended and (wait > 0 or view.cached)
    headers: dict[str, str | list[str]] = {"Location": f"{_PATH}/{view.workflow_id}/status"}
    if wait:
        headers["Preference-Applied"] = f"wait={wait}"
    return Response(200 if done else 202, content_type="application/json", body=view, headers=headers)
