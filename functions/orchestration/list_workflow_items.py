"""GET /v1/ai-orchestration/workflows/{workflow_id}/items."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.api.pagination import decode_cursor, encode_cursor
from besunny.api.principal import Caller
from besunny.api.problem import handle_errors
from besunny.api.respond import respond
from besunny.orchestration.listing import list_items
from besunny.orchestration.models import BatchItemsPage
from besunny.orchestration.parts import parts

app = APIGatewayRestResolver(enable_validation=True)
handle_errors(app)


@app.get(
    "/v1/ai-orchestration/workflows/<workflow_id>/items",
    summary="The items of a batch",
    description="Those that began, in the batch's order, with their results; while the batch runs too.",
    tags=["orchestration"],
)
def get_items(
    workflow_id: str,
    caller: Caller,
    limit: Annotated[int, Query(ge=1, le=100)] = 25,
    cursor: Annotated[str | None, Query(max_length=1000)] = None,
) -> BatchItemsPage:
    """One page of a batch's items."""
    listed = list_items(parts(), workflow_id, caller, limit=limit, position=decode_cursor(cursor))
    return BatchItemsPage(items=listed.workflows, next_cursor=encode_cursor(listed.position))


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return respond(app, event, context)
