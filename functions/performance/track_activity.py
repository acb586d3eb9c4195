"""POST /v1/performance/activity/track."""

from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.api.principal import Caller
from besunny.api.problem import handle_errors
from besunny.api.respond import respond
from besunny.clock import utc_now
from besunny.ids import new_id
from besunny.performance.activity.models import TrackActivityBody, TrackedActivity
from besunny.performance.activity.service import track
from besunny.performance.settings import ActivitySettings

app = APIGatewayRestResolver(enable_validation=True)
handle_errors(app)


@app.post(
    "/v1/performance/activity/track",
    summary="Report what the user did",
    description="API calls are recorded by themselves; this is for what a client alone sees, such as a feature's use.",
    tags=["performance"],
)
def track_activity(body: TrackActivityBody, caller: Caller) -> TrackedActivity:
    """Record one activity of the caller."""
    now = utc_now()
    table = ActivitySettings.from_environment().activity_table
    return track(table, body, tenant_id=caller.tenant_id, sub=caller.sub, activity_id=new_id(now), now=now)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return respond(app, event, context)
