"""GET /v1/ai-orchestration/workflows."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.api.pagination import decode_cursor, encode_cursor
from besunny.api.principal import Caller
from besunny.api.problem import handle_errors
from besunny.api.respond import respond
from besunny.orchestration.listing import list_workflows
from besunny.orchestration.models import WorkflowPage
from besunny.orchestration.parts import parts
from besunny.orchestration.records import Status

app = APIGatewayRestResolver(enable_validation=True)
handle_errors(app)


@app.get(
    "/v1/ai-orchestration/workflows",
    summary="The caller's workflows",
    description="Newest first; analysts and above see their tenant's. Results are in each one's status.",
    tags=["orchestration"],
)
def get_workflows(
    caller: Caller,
    status: Annotated[Status | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 25,
    cursor: Annotated[str | None, Query(max_length=1000)] = None,
) -> WorkflowPage:
    """One page of workflows."""
    listed = list_workflows(parts(), caller, status=status, limit=limit, position=decode_cursor(cursor))
    return WorkflowPage(workflows=listed.workflows, next_cursor=encode_cursor(listed.position))


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return respond(app, event, context)
