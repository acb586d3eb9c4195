"""GET /v1/performance/alerts."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.api.problem import handle_errors
from besunny.api.respond import respond
from besunny.performance.alerts.listing import AlertList, ListedState, alert_list
from besunny.performance.alerts.rules import Severity
from besunny.performance.settings import AlertsSettings

app = APIGatewayRestResolver(enable_validation=True)
handle_errors(app)


@app.get(
    "/v1/performance/alerts",
    summary="Alerts",
    description="Firing and pending ones unless `state` says which; at most 100 of a state, newest first.",
    tags=["performance"],
)
def get_alerts(
    state: Annotated[ListedState | None, Query()] = None, level: Annotated[Severity | None, Query()] = None
) -> AlertList:
    """Alerts, newest first."""
    return alert_list(AlertsSettings.from_environment().alerts_table, state=state, level=level)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return respond(app, event, context)
