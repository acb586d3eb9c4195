"""GET /v1/ai-services/classification/feedback."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.api.pagination import decode_cursor, encode_cursor
from besunny.api.principal import Caller
from besunny.api.problem import handle_errors
from besunny.api.respond import respond
from besunny.feedback.lists import list_corrections
from besunny.inference.contracts.feedback import CorrectionPage, CorrectionView

app = APIGatewayRestResolver(enable_validation=True)
handle_errors(app)


@app.get(
    "/v1/ai-services/classification/feedback",
    summary="Corrections: users see their own, analysts and above their tenant's",
    tags=["AI services"],
)
def get_feedback(
    caller: Caller,
    limit: Annotated[int, Query(ge=1, le=100)] = 25,
    cursor: Annotated[str | None, Query(max_length=1000)] = None,
) -> CorrectionPage:
    """One page of corrections."""
    found, last = list_corrections(caller, limit=limit, position=decode_cursor(cursor))
    return CorrectionPage(
        corrections=[CorrectionView.of(correction) for correction in found], next_cursor=encode_cursor(last)
    )


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return respond(app, event, context)
