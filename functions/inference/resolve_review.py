"""POST /v1/ai-services/classification/reviews/{review_id}/resolve."""

from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.api.principal import Caller
from besunny.api.problem import handle_errors
from besunny.api.respond import respond
from besunny.clock import utc_now
from besunny.inference.contracts.feedback import ReviewResolution, ReviewView
from besunny.inference.engines.embedded import embedded_engine

app = APIGatewayRestResolver(enable_validation=True)
handle_errors(app)


@app.post(
    "/v1/ai-services/classification/reviews/<review_id>/resolve",
    summary="Say where the document of a review belongs",
    description="Kept as a correction too, which the tenant's next classifications follow. No claim is needed, but "
    "somebody else's is heeded: 409.",
    tags=["AI services"],
)
def resolve_review(review_id: str, body: ReviewResolution, caller: Caller) -> ReviewView:
    """The review, resolved."""
    from besunny.inference.classification.teaching import resolve

    return resolve(review_id, body, embedded_engine(), caller, now=utc_now())


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return respond(app, event, context)
