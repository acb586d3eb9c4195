"""POST /v1/ai-orchestration/workflows."""

import time
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Header, Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.api.accepted import ACCEPTED, accepted
from besunny.api.prefer import wait_seconds
from besunny.api.principal import Caller
from besunny.api.problem import handle_errors
from besunny.api.respond import respond
from besunny.clock import utc_now
from besunny.orchestration.creation import create_workflow
from besunny.orchestration.intake import with_query
from besunny.orchestration.models import WorkflowRequest, WorkflowView
from besunny.orchestration.parts import parts
from besunny.orchestration.waiting import started_work

app = APIGatewayRestResolver(enable_validation=True)
handle_errors(app)


@app.post(
    "/v1/ai-orchestration/workflows",
    summary="Run a workflow",
    description="202 and where to look; 200 from the cache, or with `Prefer: wait=N` if it is done by then.",
    tags=["orchestration"],
    responses=ACCEPTED,
)
def post_workflow(
    *,
    body: WorkflowRequest,
    caller: Caller,
    workflow_type: Annotated[str | None, Query(max_length=64)] = None,
    project_id: Annotated[str | None, Query(max_length=200)] = None,
    priority: Annotated[str | None, Query(max_length=16)] = None,
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=255)] = None,
    prefer: Annotated[str | None, Header(max_length=255)] = None,
) -> Response[WorkflowView]:
    """Run a workflow of any type."""
    query = {"workflow_type": workflow_type, "project_id": project_id, "priority": priority}
    request = with_query(body, query)
    view = create_workflow(parts(), request, caller, idempotency_key=idempotency_key, now=utc_now())
    wait = wait_seconds(prefer)
    return accepted(started_work(parts(), view, caller, wait=wait, clock=utc_now, sleep=time.sleep), wait=wait)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return respond(app, event, context)
