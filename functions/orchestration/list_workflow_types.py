"""GET /v1/ai-orchestration/workflows/types."""

from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.api.problem import handle_errors
from besunny.api.respond import respond
from besunny.orchestration.type_list import WorkflowTypes, list_types

app = APIGatewayRestResolver(enable_validation=True)
handle_errors(app)


@app.get("/v1/ai-orchestration/workflows/types", summary="What can be run", tags=["orchestration"])
def get_types() -> WorkflowTypes:
    """The workflow types, with their inputs and outputs."""
    return list_types()


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return respond(app, event, context)
