"""POST /v1/performance/optimize."""

from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.api.problem import handle_errors
from besunny.api.respond import respond
from besunny.clock import utc_now
from besunny.performance.recommendations import PerformanceOptimization, PerformanceOptimizeBody, optimize
from besunny.performance.settings import OptimizeSettings

app = APIGatewayRestResolver(enable_validation=True)
handle_errors(app)


@app.post(
    "/v1/performance/optimize",
    summary="What to change",
    description="Recommendations, each with the series, window and figure that it stands on.",
    tags=["performance"],
)
def optimize_performance(body: PerformanceOptimizeBody) -> PerformanceOptimization:
    """Recommendations from stored figures."""
    return optimize(OptimizeSettings.from_environment(), body, utc_now())


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return respond(app, event, context)
