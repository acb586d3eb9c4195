"""GET /v1/ai-orchestration/services/health."""

from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.api.principal import Caller
from besunny.api.problem import handle_errors
from besunny.api.respond import respond
from besunny.clock import utc_now
from besunny.inference.engines.circuits import circuit_views
from besunny.orchestration.health import ServicesHealth, services_health
from besunny.orchestration.parts import parts

app = APIGatewayRestResolver(enable_validation=True)
handle_errors(app)


@app.get(
    "/v1/ai-orchestration/services/health",
    summary="The AI services' health",
    description="Measured from their executions of the last two hours; `unknown` where none ran.",
    tags=["orchestration"],
)
def get_health(caller: Caller) -> ServicesHealth:
    """Each service's state, response time and room."""
    return services_health(parts(), caller.tenant_id, circuits=circuit_views, now=utc_now())


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return respond(app, event, context)
