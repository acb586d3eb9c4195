"""GET /v1/ai-services/classification/reviews."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.api.pagination import decode_cursor, encode_cursor
from besunny.api.principal import Caller
from besunny.api.problem import handle_errors
from besunny.api.respond import respond
from besunny.clock import utc_now
from besunny.feedback.lists import list_reviews
from besunny.feedback.reviews import ReviewStatus
from besunny.inference.contracts.feedback import ReviewPage, ReviewView

app = APIGatewayRestResolver(enable_validation=True)
handle_errors(app)


@app.get(
    "/v1/ai-services/classification/reviews",
    summary="Classifications that a person should look at",
    description="Oldest first; all that are not resolved unless `status` says which. "
    "Users see those of documents they sent, analysts and above their tenant's. They are kept for 90 days.",
    tags=["AI services"],
)
def get_reviews(
    caller: Caller,
    status: Annotated[ReviewStatus | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 25,
    cursor: Annotated[str | None, Query(max_length=1000)] = None,
) -> ReviewPage:
    """One page of reviews."""
    now = utc_now()
    found, last = list_reviews(caller, status=status, limit=limit, position=decode_cursor(cursor), now=now)
    return ReviewPage(reviews=[ReviewView.of(review, now) for review in found], next_cursor=encode_cursor(last))


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return respond(app, event, context)
