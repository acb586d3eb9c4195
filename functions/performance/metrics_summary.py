"""GET /v1/performance/metrics/summary."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.api.problem import handle_errors
from besunny.api.respond import respond
from besunny.clock import utc_now
from besunny.performance.settings import MetricsSettings
from besunny.performance.summary import MetricsSummary, metrics_summary

app = APIGatewayRestResolver(enable_validation=True)
handle_errors(app)


@app.get(
    "/v1/performance/metrics/summary",
    summary="A window in few figures",
    description="Averages, peaks and percentiles of the window that ends now, and the status of now.",
    tags=["performance"],
)
def get_metrics_summary(hours: Annotated[int, Query(ge=1, le=8760)] = 24) -> MetricsSummary:
    """Averages, peaks, percentiles and the current status."""
    return metrics_summary(MetricsSettings.from_environment().metrics_table, hours=hours, now=utc_now())


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return respond(app, event, context)
