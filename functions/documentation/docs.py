"""GET /docs: Swagger UI in one page that loads nothing from elsewhere but /openapi.json."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.openapi import swagger_ui
from aws_lambda_powertools.utilities.typing import LambdaContext
from besunny.api.problem import handle_errors
from besunny.api.respond import respond

app = APIGatewayRestResolver(enable_validation=True)
handle_errors(app)


@lru_cache
def page() -> str:
    """The page's HTML."""
    assets = Path(swagger_ui.__file__).parent
    script, style = ((assets / name).read_text() for name in ("swagger-ui-bundle.min.js", "swagger-ui.min.css"))
    spec = (Path(__file__).parent / "openapi.json").read_text().replace("</", "<\\/")
    return swagger_ui.generate_swagger_html(spec, script, style, "", None, persist_authorization=True)


@app.get("/docs", summary="These pages", tags=["documentation"])
def get_docs() -> Response[str]:
    """Swagger UI for this API."""
    return Response(200, content_type="text/html; charset=utf-8", body=page())


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return respond(app, event, context)
