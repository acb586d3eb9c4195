"""GET /v1/ai-orchestration/workflows/{workflow_id}/status."""

import time
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.openapi.params import Header
from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.api.prefer import wait_seconds
from besunny.api.principal import Caller
from besunny.api.problem import handle_errors
from besunny.api.respond import respond
from besunny.clock import utc_now
from besunny.orchestration.models import BatchView, WorkflowView
from besunny.orchestration.parts import parts
from besunny.orchestration.waiting import status_of

app = APIGatewayRestResolver(enable_validation=True)
handle_errors(app)


@app.get(
    "/v1/ai-orchestration/workflows/<workflow_id>/status",
    summary="A workflow's status and result",
    description="With `Prefer: wait=N` it answers once the workflow has ended, or after N seconds (25 at most).",
    tags=["orchestration"],
)
def get_status(
    workflow_id: str,
    caller: Caller,
    prefer: Annotated[str | None, Header(max_length=255)] = None,
) -> BatchView | WorkflowView:
    """Where a workflow stands, and its result once it has one."""
    wait = wait_seconds(prefer)
    return status_of(parts(), workflow_id, caller, wait=wait, clock=utc_now, sleep=time.sleep)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return respond(app, event, context)
