"""PUT /v1/ai-services/projects/{project_id}."""

from typing import Any
from urllib.parse import unquote

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.api.principal import Caller
from besunny.api.problem import handle_errors
from besunny.api.respond import respond
from besunny.clock import utc_now
from besunny.inference.contracts.projects import ProjectAnswer, ProjectBody
from besunny.inference.project_onboarding.saving import store
from besunny.projects import Editor

app = APIGatewayRestResolver(enable_validation=True)
handle_errors(app)


@app.put(
    "/v1/ai-services/projects/<project_id>",
    summary="Store a project whole, in the place of the one of its id",
    description="A project that a colleague made is theirs, and operators', to change.",
    tags=["AI services"],
)
def store_project(project_id: str, body: ProjectBody, caller: Caller) -> ProjectAnswer:
    """Classification knows it, as it is now, with the next request."""
    editor = Editor(caller.tenant_id, caller.sub, caller.changes_tenant())
    return store(unquote(project_id), body, editor, now=utc_now())


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return respond(app, event, context)
