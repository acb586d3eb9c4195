"""GET /v1/performance/metrics/current."""

from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.api.problem import handle_errors
from besunny.api.respond import respond
from besunny.clock import utc_now
from besunny.performance.current import CurrentMetrics, current_metrics
from besunny.performance.settings import MetricsSettings

app = APIGatewayRestResolver(enable_validation=True)
handle_errors(app)


@app.get(
    "/v1/performance/metrics/current",
    summary="The newest figures",
    description="At most a minute old, see `age_seconds`. What could not be measured is null, and named in `missing`; "
    "before the recorder's first run that is everything, and `status` is `unknown`.",
    tags=["performance"],
)
def get_current_metrics() -> CurrentMetrics:
    """The newest figures and their age."""
    return current_metrics(MetricsSettings.from_environment().metrics_table, utc_now())


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return respond(app, event, context)
