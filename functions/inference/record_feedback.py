"""POST /v1/ai-services/classification/feedback."""

from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.api.principal import Caller
from besunny.api.problem import handle_errors
from besunny.api.respond import respond
from besunny.clock import utc_now
from besunny.inference.contracts.feedback import FeedbackAnswer, FeedbackRequest
from besunny.inference.engines.embedded import embedded_engine

app = APIGatewayRestResolver(enable_validation=True)
handle_errors(app)


@app.post(
    "/v1/ai-services/classification/feedback",
    summary="Say where a document belongs",
    description="The tenant's next classifications follow it, nobody else's do; an open review of the document ends.",
    tags=["AI services"],
)
def record_feedback(body: FeedbackRequest, caller: Caller) -> FeedbackAnswer:
    """The correction as kept; the same document again replaces it."""
    from besunny.inference.classification.teaching import correct

    return correct(body, embedded_engine(), caller, now=utc_now())


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return respond(app, event, context)
