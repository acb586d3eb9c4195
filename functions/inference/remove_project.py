"""DELETE /v1/ai-services/projects/{project_id}."""

from typing import Any
from urllib.parse import unquote

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.api.principal import Caller
from besunny.api.problem import handle_errors
from besunny.api.respond import respond
from besunny.clock import utc_now
from besunny.inference.contracts.projects import RemovedProject
from besunny.projects import Editor, remove_project

app = APIGatewayRestResolver(enable_validation=True)
handle_errors(app)


@app.delete("/v1/ai-services/projects/<project_id>", summary="Remove a stored project", tags=["AI services"])
def delete_project(project_id: str, caller: Caller) -> RemovedProject:
    """Classification does not know it any more; documents that are indexed under it stay."""
    name = unquote(project_id)
    remove_project(name, Editor(caller.tenant_id, caller.sub, caller.changes_tenant()), now=utc_now())
    return RemovedProject(project_id=name)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return respond(app, event, context)
