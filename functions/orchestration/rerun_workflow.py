"""POST /v1/ai-orchestration/workflows/{workflow_id}/rerun."""

import time
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Header
from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.api.accepted import ACCEPTED, accepted
from besunny.api.prefer import wait_seconds
from besunny.api.principal import Caller
from besunny.api.problem import handle_errors
from besunny.api.respond import respond
from besunny.clock import utc_now
from besunny.orchestration.models import BatchView, RerunRequest, WorkflowView
from besunny.orchestration.parts import parts
from besunny.orchestration.repetition import rerun_workflow
from besunny.orchestration.waiting import started_work

app = APIGatewayRestResolver(enable_validation=True)
handle_errors(app)


@app.post(
    "/v1/ai-orchestration/workflows/<workflow_id>/rerun",
    summary="Repeat what failed",
    description="A new workflow that runs what gave no result, or what is named; the rest is `reused`. "
    "With `input_data` it runs on edited input. Of a batch: a new batch of such items.",
    tags=["orchestration"],
    responses=ACCEPTED,
)
def post_rerun(
    workflow_id: str,
    caller: Caller,
    body: Annotated[RerunRequest | None, Body()] = None,
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=255)] = None,
    prefer: Annotated[str | None, Header(max_length=255)] = None,
) -> Response[BatchView | WorkflowView]:
    """Repeat a workflow that has ended."""
    request = body or RerunRequest()
    view = rerun_workflow(parts(), workflow_id, request, caller, idempotency_key=idempotency_key, now=utc_now())
    wait = wait_seconds(prefer)
    return accepted(started_work(parts(), view, caller, wait=wait, clock=utc_now, sleep=time.sleep), wait=wait)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return respond(app, event, context)
