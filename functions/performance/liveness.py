"""GET /health."""

from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.api.problem import handle_errors
from besunny.api.respond import respond
from besunny.clock import utc_now
from besunny.performance.liveness import Liveness, liveness
from besunny.performance.settings import MetricsSettings

app = APIGatewayRestResolver(enable_validation=True)
handle_errors(app)


@app.get(
    "/health",
    summary="Whether the API lives",
    description="Answers without a token: whether the database answers and how fast (else 503), and the age of the "
    "newest recorded figures, which decides `status`.",
    tags=["performance"],
)
def get_liveness() -> Liveness:
    """Liveness, and the recorder's age."""
    return liveness(MetricsSettings.from_environment().metrics_table, utc_now())


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return respond(app, event, context)
