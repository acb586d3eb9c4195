"""POST /v1/ai-services/project-onboarding, and the onboarding task of the state machines."""

from collections.abc import Callable
from functools import partial
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.api.principal import Caller
from besunny.api.problem import handle_errors
from besunny.api.respond import respond
from besunny.clock import utc_now
from besunny.inference.contracts.common import Answer, ServiceName
from besunny.inference.contracts.project_onboarding import ProjectOnboardingAnswer, ProjectOnboardingRequest
from besunny.inference.direct import answer, answer_task
from besunny.inference.project_onboarding.saving import onboarded, profile, saving
from besunny.orchestration.tasks import run_task
from besunny.projects import Editor

app = APIGatewayRestResolver(enable_validation=True)
handle_errors(app)


@app.post(
    "/v1/ai-services/project-onboarding",
    summary="The profile of a new project",
    description="With `save`, the project is stored and classification knows it at once; see /v1/ai-services/projects.",
    tags=["AI services"],
)
def onboard_project(body: ProjectOnboardingRequest, caller: Caller) -> ProjectOnboardingAnswer:
    """A profile from the wizard's fields: what follows from them, and suggestions with their reason."""
    now, editor = utc_now(), Editor(caller.tenant_id, caller.sub, caller.changes_tenant())
    compute = partial(
        answer, "project_onboarding", tenant_id=caller.tenant_id, owner=caller.sub, now=now, stored_projects=list
    )
    return onboarded(body, editor, compute, now=now)


def onboard_task(
    service: ServiceName, request: ProjectOnboardingRequest, tenant_id: str, owner: str, wanted: Callable[[], bool]
) -> Answer:
    """The profile, for a workflow's task: as its owner, whose role may have been taken away since they sent it."""
    compute = partial(answer_task, service, tenant_id=tenant_id, owner=owner, wanted=wanted)
    return profile(request, Editor(tenant_id, owner), compute)


def saving_beside(request: Any, answer: Any, tenant_id: str, owner: str) -> tuple[Any, list[dict[str, Any]]]:
    """What a workflow saves, in the transaction of its result: one that was cancelled saves nothing."""
    return saving(request, answer, Editor(tenant_id, owner), now=utc_now())


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one API request, or do one task of a state machine."""
    if "httpMethod" in event:
        return respond(app, event, context)
    return run_task(event, context, run=onboard_task, beside=saving_beside)
