"""GET /v1/performance/health."""

from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.api.problem import handle_errors
from besunny.api.respond import respond
from besunny.clock import utc_now
from besunny.performance.report import PerformanceHealth, performance_health
from besunny.performance.settings import MetricsSettings

app = APIGatewayRestResolver(enable_validation=True)
handle_errors(app)


@app.get(
    "/v1/performance/health",
    summary="Health, with reasons",
    description="Components with figure, thresholds, since when, and what to do. Missing or old data: `unknown`.",
    tags=["performance"],
)
def get_health() -> PerformanceHealth:
    """Health of the whole and of its components."""
    return performance_health(MetricsSettings.from_environment().metrics_table, utc_now())


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return respond(app, event, context)
