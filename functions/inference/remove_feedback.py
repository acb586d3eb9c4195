"""DELETE /v1/ai-services/classification/feedback/{correction_id}."""

from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.api.principal import Caller
from besunny.api.problem import handle_errors
from besunny.api.respond import respond
from besunny.clock import utc_now
from besunny.feedback.removal import remove_correction
from besunny.inference.contracts.feedback import RemovedCorrection

app = APIGatewayRestResolver(enable_validation=True)
handle_errors(app)


@app.delete(
    "/v1/ai-services/classification/feedback/<correction_id>",
    summary="Forget a correction",
    description="The tenant's next classifications follow it no more.",
    tags=["AI services"],
)
def delete_feedback(correction_id: str, caller: Caller) -> RemovedCorrection:
    """What was removed; 404 where the tenant has no such correction."""
    remove_correction(caller, correction_id, now=utc_now())
    return RemovedCorrection(correction_id=correction_id)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return respond(app, event, context)
