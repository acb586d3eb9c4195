"""GET /docs: Swagger UI in one page that loads nothing from elsewhere."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response, openapi
from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.api.problem import handle_errors
from besunny.api.respond import respond

app = APIGatewayRestResolver(enable_validation=True)
handle_errors(app)


# Powertools ships Swagger UI's files. Its `swagger_ui` package itself takes 80 ms to import, for OAuth models.
ASSETS = Path(openapi.__file__).parent / "swagger_ui"
OURS = Path(__file__).parent


@lru_cache
def page() -> str:
    """The page's HTML."""
    parts = {
        "style": (ASSETS / "swagger-ui.min.css").read_text(),
        "script": (ASSETS / "swagger-ui-bundle.min.js").read_text(),
        # Within a script, nothing may look like its end.
        "spec": (OURS / "openapi.json").read_text().replace("</", "<\\/"),
    }
    html = (OURS / "docs.html").read_text()
    for name, content in parts.items():
        html = html.replace(f"{{{{{name}}}}}", content, 1)
    return html


@app.get("/docs", summary="These pages", tags=["documentation"])
def get_docs() -> Response[str]:
    """Swagger UI for this API."""
    return Response(200, content_type="text/html; charset=utf-8", body=page())


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return respond(app, event, context)
