"""A service's answer by the engines that are configured, with the time it took: for callers and workflows' tasks."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from besunny.clock import utc_now
from besunny.errors import EngineTriedError
from besunny.inference.contracts.common import Answer, Project, ServiceName
from besunny.inference.engines.answering import first_answer
from besunny.inference.engines.chosen import engines_for
from besunny.inference.engines.embedded import embedded_engine
from besunny.inference.engines.protocol import Deadline
from besunny.inference.generative.metering import Meter
from besunny.observability.probe import Stopwatch

if TYPE_CHECKING:
    from besunny.inference.contracts.classification import ClassificationAnswer

# A caller's connection ends after 29 s, a task of a state machine after 600: the last engine must have its turn before.
DIRECT_SECONDS = 20.0
TASK_SECONDS = 480.0


def answer(
    service: ServiceName,
    request: Any,
    *,
    tenant_id: str,
    owner: str,
    now: datetime,
    stored_projects: Callable[[], list[dict[str, Any]]],
    seconds: float = DIRECT_SECONDS,
    wanted: Callable[[], bool] = lambda: True,
) -> Answer:
    """The service's answer, computed now.

    Args:
        service: which service.
        request: its request model.
        tenant_id: whose engines answer, and whose corrections are followed.
        owner: the user who sent it; a doubtful classification waits for them in the review queue.
        now: the present, for what is relative to it.
        stored_projects: gives the tenant's projects; called where a classification names none.
        seconds: what engines behind a network have for it in all.
        wanted: whether the answer is still awaited; asked before each request to an engine behind a network.

    Raises:
        EngineUnavailableError, EngineFailedError: no engine answered, as in `first_answer`; carries what was used.
    """
    watch = Stopwatch()
    if service == "classification":
        from besunny.inference.classification.people import prepare

        if request.projects is None:
            projects = [Project.model_validate(project) for project in stored_projects()]
            request = request.model_copy(update={"projects": projects})
        request = prepare(request, embedded_engine(), tenant_id=tenant_id)
    meter, deadline = Meter(), Deadline.within(seconds, wanted=wanted)
    chosen = engines_for(tenant_id, service, meter=meter, deadline=deadline)
    try:
        found = first_answer(
            chosen.engines, service, request, now=now, deadline=deadline, route=chosen.route, watches=chosen.watches
        )
    except EngineTriedError as error:
        error.usage = meter.usage
        raise
    if service == "classification":
        from besunny.inference.classification.people import finish

        found = finish(request, cast("ClassificationAnswer", found), tenant_id=tenant_id, owner=owner, now=now)
    found.usage = meter.usage if meter.usage.calls else None
    found.processing_time_ms = watch.elapsed_ms()
    return found


def answer_task(service: ServiceName, request: Any, tenant_id: str, owner: str, wanted: Callable[[], bool]) -> Answer:
    """As `answer`, for a workflow's task: the tenant's projects were put into its input when it was made."""
    return answer(
        service,
        request,
        tenant_id=tenant_id,
        owner=owner,
        now=utc_now(),
        stored_projects=list,
        seconds=TASK_SECONDS,
        wanted=wanted,
    )
