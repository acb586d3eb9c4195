"""POST /v1/ai-services/embeddings/search."""

from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.api.principal import Caller
from besunny.api.problem import handle_errors
from besunny.api.respond import respond
from besunny.inference.contracts.search import SearchAnswer, SearchRequest
from besunny.inference.search.parts import search_parts
from besunny.inference.search.searching import search_documents

app = APIGatewayRestResolver(enable_validation=True)
handle_errors(app)


@app.post(
    "/v1/ai-services/embeddings/search",
    summary="The passages of the tenant's documents that are nearest to a query",
    description="Cosine, best first. An answer to a question often scores below the default `threshold` of 0.7: then "
    "`results` is empty, and `below_threshold`, `best_score` and `note` say what a lower one would show.",
    tags=["AI services"],
)
def post_search(body: SearchRequest, caller: Caller) -> SearchAnswer:
    """Passages with their document, place and score."""
    return search_documents(search_parts(), body, tenant_id=caller.tenant_id)


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return respond(app, event, context)
