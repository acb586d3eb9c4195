"""DELETE /v1/ai-orchestration/workflows/{workflow_id}."""

from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.api.principal import Caller
from besunny.api.problem import handle_errors
from besunny.api.respond import respond
from besunny.clock import utc_now
from besunny.orchestration.cancellation import cancel_workflow
from besunny.orchestration.models import BatchView, WorkflowView
from besunny.orchestration.parts import parts

app = APIGatewayRestResolver(enable_validation=True)
handle_errors(app)


@app.delete(
    "/v1/ai-orchestration/workflows/<workflow_id>",
    summary="Cancel a workflow",
    description="Its execution is stopped and no result appears after it; 409 where it had ended.",
    tags=["orchestration"],
)
def delete_workflow(workflow_id: str, caller: Caller) -> BatchView | WorkflowView:
    """Cancel a workflow, or a batch with all its items."""
    return cancel_workflow(parts(), workflow_id, caller, now=utc_now())


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return respond(app, event, context)
