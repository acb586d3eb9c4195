"""GET /openapi.json: the checked-in OpenAPI 3.1 document of the whole API."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.api.problem import handle_errors
from besunny.api.respond import respond

app = APIGatewayRestResolver(enable_validation=True)
handle_errors(app)


@lru_cache
def document() -> str:
    """The document's text; `make openapi` writes it from the handlers, and a test holds the two equal."""
    return (Path(__file__).parent / "openapi.json").read_text()


@app.get("/openapi.json", summary="This document", tags=["documentation"])
def get_openapi() -> Response[str]:
    """The OpenAPI 3.1 document of this API."""
    return Response(200, content_type="application/json", body=document())


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return respond(app, event, context)
