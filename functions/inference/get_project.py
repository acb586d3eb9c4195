"""GET /v1/ai-services/projects/{project_id}."""

from typing import Any
from urllib.parse import unquote

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.api.principal import Caller
from besunny.api.problem import handle_errors
from besunny.api.respond import respond
from besunny.inference.contracts.projects import ProjectAnswer
from besunny.projects import get_project

app = APIGatewayRestResolver(enable_validation=True)
handle_errors(app)


@app.get("/v1/ai-services/projects/<project_id>", summary="A stored project", tags=["AI services"])
def read_project(project_id: str, caller: Caller) -> ProjectAnswer:
    """The project; 404 where the tenant has none of this id."""
    return ProjectAnswer(project=get_project(caller.tenant_id, unquote(project_id)))


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return respond(app, event, context)
