"""POST /v1/ai-services/classification/reviews/{review_id}/claim."""

from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.api.principal import Caller
from besunny.api.problem import handle_errors
from besunny.api.respond import respond
from besunny.clock import utc_now
from besunny.feedback.claims import claim_review
from besunny.inference.contracts.feedback import ReviewView

app = APIGatewayRestResolver(enable_validation=True)
handle_errors(app)


@app.post(
    "/v1/ai-services/classification/reviews/<review_id>/claim",
    summary="Take a review for 15 minutes",
    description="Until then nobody else may claim or resolve it; 409 where somebody else has it, or it is resolved.",
    tags=["AI services"],
)
def claim(review_id: str, caller: Caller) -> ReviewView:
    """The review, claimed."""
    now = utc_now()
    return ReviewView.of(claim_review(caller, review_id, now=now), now)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return respond(app, event, context)
