"""POST /v1/ai-orchestration/workflows/optimize."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.openapi.params import Body
from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.api.principal import Caller
from besunny.api.problem import handle_errors
from besunny.api.respond import respond
from besunny.orchestration.optimiser import OptimizeReport, OptimizeRequest, optimize_workflows
from besunny.orchestration.parts import parts

app = APIGatewayRestResolver(enable_validation=True)
handle_errors(app)


@app.post(
    "/v1/ai-orchestration/workflows/optimize",
    summary="Advice from the tenant's history",
    description="Each advice carries the figures that it rests on; none is given where nothing calls for it.",
    tags=["orchestration"],
)
def post_optimize(caller: Caller, body: Annotated[OptimizeRequest | None, Body()] = None) -> OptimizeReport:
    """Advice from stored workflows."""
    return optimize_workflows(parts(), caller.tenant_id, body or OptimizeRequest())


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return respond(app, event, context)
