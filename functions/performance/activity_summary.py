"""GET /v1/performance/activity/summary."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.api.principal import Caller
from besunny.api.problem import handle_errors
from besunny.api.respond import respond
from besunny.clock import utc_now
from besunny.errors import ForbiddenError
from besunny.performance.activity.models import ActivitySummary
from besunny.performance.activity.service import activity_summary
from besunny.performance.settings import ActivitySettings

app = APIGatewayRestResolver(enable_validation=True)
handle_errors(app)


@app.get(
    "/v1/performance/activity/summary",
    summary="What a user did",
    description="The caller's own; analysts and above may ask for another user of their tenant with `sub`.",
    tags=["performance"],
)
def get_activity_summary(
    caller: Caller,
    hours: Annotated[int, Query(ge=1, le=720)] = 24,
    sub: Annotated[str | None, Query(min_length=1, max_length=200)] = None,
) -> ActivitySummary:
    """Calls, workflows, bytes, sessions and features of one user."""
    if sub not in (None, caller.sub) and not caller.sees_tenant():
        raise ForbiddenError("`sub` of another user needs the role `analyst`; leave it out for your own")
    return activity_summary(
        ActivitySettings.from_environment().activity_table,
        tenant_id=caller.tenant_id,
        sub=sub or caller.sub,
        hours=hours,
        now=utc_now(),
    )


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return respond(app, event, context)
