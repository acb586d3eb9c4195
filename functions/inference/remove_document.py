"""DELETE /v1/ai-services/embeddings/index/{document_id}."""

from typing import Any
from urllib.parse import unquote

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.api.principal import Caller
from besunny.api.problem import handle_errors
from besunny.api.respond import respond
from besunny.clock import utc_now
from besunny.inference.contracts.search import RemovedDocument
from besunny.inference.search.indexing import remove_document
from besunny.inference.search.parts import search_parts
from besunny.projects import Editor

app = APIGatewayRestResolver(enable_validation=True)
handle_errors(app)


@app.delete(
    "/v1/ai-services/embeddings/index/<document_id>",
    summary="Take a document out of the tenant's index",
    description="No search after the answer finds it; its text is deleted within minutes. "
    "Operators alone remove a colleague's.",
    tags=["AI services"],
)
def delete_document(document_id: str, caller: Caller) -> RemovedDocument:
    """Removed; 404 where the tenant has no such document."""
    # An id holds no `%`, so decoding it a second time changes nothing.
    name = unquote(document_id)
    editor = Editor(caller.tenant_id, caller.sub, caller.changes_tenant())
    return remove_document(search_parts(), name, editor, now=utc_now())


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return respond(app, event, context)
