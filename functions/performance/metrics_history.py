"""GET /v1/performance/metrics/history."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.api.pagination import decode_cursor, encode_cursor
from besunny.api.problem import handle_errors
from besunny.api.respond import respond
from besunny.clock import utc_now
from besunny.performance.history import MetricsHistory, metrics_history
from besunny.performance.settings import MetricsSettings

app = APIGatewayRestResolver(enable_validation=True)
handle_errors(app)


@app.get(
    "/v1/performance/metrics/history",
    summary="History of the figures",
    description="Up to a day by minute, up to 62 days by hour, else by day. `source` is `overview`, or one that "
    "`/v1/performance/status` lists; `series` adds statistics with percentiles.",
    tags=["performance"],
)
def get_metrics_history(
    hours: Annotated[int, Query(ge=1, le=8760)] = 24,
    source: Annotated[str, Query(min_length=1, max_length=200)] = "overview",
    series: Annotated[list[str] | None, Query(max_length=20)] = None,
    limit: Annotated[int, Query(ge=1, le=1500)] = 1500,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> MetricsHistory:
    """One page of history, oldest first."""
    table = MetricsSettings.from_environment().metrics_table
    page, position = metrics_history(
        table,
        hours=hours,
        source=source,
        wanted=series or [],
        limit=limit,
        position=decode_cursor(cursor),
        now=utc_now(),
    )
    return page.model_copy(update={"next_cursor": encode_cursor(position)})


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return respond(app, event, context)
