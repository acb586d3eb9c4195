"""POST /v1/ai-orchestration/uploads."""

from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.api.principal import Caller
from besunny.api.problem import handle_errors
from besunny.api.respond import respond
from besunny.clock import utc_now
from besunny.orchestration.models import UploadTicket
from besunny.orchestration.parts import parts
from besunny.orchestration.uploads import create_upload

app = APIGatewayRestResolver(enable_validation=True)
handle_errors(app)


@app.post(
    "/v1/ai-orchestration/uploads",
    summary="An address to PUT a large input to",
    description='PUT JSON of the whole `input_data`, or a transcript as text; then send `{"upload_id": ...}` as input.',
    tags=["orchestration"],
)
def post_upload(caller: Caller) -> UploadTicket:
    """A ticket for one upload."""
    return create_upload(parts(), caller, now=utc_now())


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return respond(app, event, context)
