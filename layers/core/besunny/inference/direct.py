"""A service's answer by the embedded engine, with the time it took: for callers and for the tasks of workflows."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from besunny.clock import utc_now
from besunny.inference.contracts.common import Answer, Project, ServiceName
from besunny.inference.engines.embedded import embedded_engine
from besunny.inference.run import run
from besunny.observability.probe import Stopwatch


def answer(
    service: ServiceName, request: Any, *, now: datetime, stored_projects: Callable[[], list[dict[str, Any]]]
) -> Answer:
    """The service's answer, computed now by the embedded engine.

    Args:
        service: which service.
        request: its request model.
        now: the present, for what is relative to it.
        stored_projects: gives the tenant's projects; called where a classification names none.
    """
    watch = Stopwatch()
    if service == "classification" and request.projects is None:
        projects = [Project.model_validate(project) for project in stored_projects()]
        request = request.model_copy(update={"projects": projects})
    found = run(service, request, engine=embedded_engine(), now=now)
    found.processing_time_ms = watch.elapsed_ms()
    return found


def answer_task(service: ServiceName, request: Any) -> Answer:
    """As `answer`, for a workflow's task: the tenant's projects were put into its input when it was made."""
    return answer(service, request, now=utc_now(), stored_projects=list)
