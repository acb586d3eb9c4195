"""POST /v1/ai-services/embeddings/index."""

from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.api.principal import Caller
from besunny.api.problem import handle_errors
from besunny.api.respond import respond
from besunny.clock import utc_now
from besunny.inference.contracts.search import IndexAnswer, IndexRequest
from besunny.inference.search.indexing import index_documents
from besunny.inference.search.parts import search_parts
from besunny.projects import Editor

app = APIGatewayRestResolver(enable_validation=True)
handle_errors(app)


@app.post(
    "/v1/ai-services/embeddings/index",
    summary="Put documents into the tenant's index",
    description="All or none; a document of the same `document_id` is replaced, a colleague's by operators "
    "alone. Searches after the answer find them.",
    tags=["AI services"],
)
def post_documents(body: IndexRequest, caller: Caller) -> IndexAnswer:
    """Cut into chunks, turned into vectors, and found by searches of the tenant."""
    editor = Editor(caller.tenant_id, caller.sub, caller.changes_tenant())
    return index_documents(search_parts(), body, editor, now=utc_now())


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return respond(app, event, context)
