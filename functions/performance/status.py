"""GET /v1/performance/status."""

from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.api.principal import Caller
from besunny.api.problem import handle_errors
from besunny.api.respond import respond
from besunny.clock import utc_now
from besunny.performance.report import StatusPage, status_page
from besunny.performance.settings import StatusSettings

app = APIGatewayRestResolver(enable_validation=True)
handle_errors(app)


@app.get(
    "/v1/performance/status",
    summary="What a status page shows",
    description="Health in one sentence, components and active alerts; for analysts also how the recorder's collectors "
    "do, and every source that has history.",
    tags=["performance"],
)
def get_performance_status(caller: Caller) -> StatusPage:
    """How things stand."""
    settings = StatusSettings.from_environment()
    return status_page(settings, utc_now(), detailed=caller.sees_tenant())


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return respond(app, event, context)
