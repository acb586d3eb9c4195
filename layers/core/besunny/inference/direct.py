"""A service's answer by the engines that are configured, with the time it took: for callers and workflows' tasks."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from besunny.clock import utc_now
from besunny.inference.contracts.common import Answer, Project, ServiceName
from besunny.inference.engines.answering import first_answer
from besunny.inference.engines.chosen import engines_for
from besunny.inference.engines.protocol import Deadline
from besunny.inference.generative.metering import Meter
from besunny.observability.probe import Stopwatch

# A caller's connection ends after 29 s, a task of a state machine after 600: the last engine must have its turn before.
DIRECT_SECONDS = 20.0
TASK_SECONDS = 480.0


def answer(
    service: ServiceName,
    request: Any,
    *,
    tenant_id: str,
    now: datetime,
    stored_projects: Callable[[], list[dict[str, Any]]],
    seconds: float = DIRECT_SECONDS,
) -> Answer:
    """The service's answer, computed now.

    Args:
        service: which service.
        request: its request model.
        tenant_id: whose engines answer.
        now: the present, for what is relative to it.
        stored_projects: gives the tenant's projects; called where a classification names none.
        seconds: what engines behind a network have for it in all.

    Raises:
        EngineUnavailableError, EngineFailedError: no engine answered, as in `first_answer`.
    """
    watch = Stopwatch()
    if service == "classification" and request.projects is None:
        projects = [Project.model_validate(project) for project in stored_projects()]
        request = request.model_copy(update={"projects": projects})
    meter, deadline = Meter(), Deadline.within(seconds)
    engines = engines_for(tenant_id, service, meter=meter, deadline=deadline)
    found = first_answer(engines, service, request, now=now, deadline=deadline)
    found.usage = meter.usage if meter.usage.calls else None
    found.processing_time_ms = watch.elapsed_ms()
    return found


def answer_task(service: ServiceName, request: Any, tenant_id: str, owner: str) -> Answer:  # noqa: ARG001
    """As `answer`, for a workflow's task: the tenant's projects were put into its input when it was made."""
    return answer(service, request, tenant_id=tenant_id, now=utc_now(), stored_projects=list, seconds=TASK_SECONDS)
