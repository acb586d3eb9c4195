"""POST /v1/ai-services/embeddings, and the embedding task of the state machines."""

from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.api.principal import Caller
from besunny.api.problem import handle_errors
from besunny.api.respond import respond
from besunny.clock import utc_now
from besunny.inference.contracts.embeddings import EmbeddingsAnswer, EmbeddingsRequest
from besunny.inference.direct import answer, answer_task
from besunny.orchestration.tasks import run_task

app = APIGatewayRestResolver(enable_validation=True)
handle_errors(app)


@app.post("/v1/ai-services/embeddings", summary="Texts as vectors", tags=["AI services"])
def embed_texts(body: EmbeddingsRequest, caller: Caller) -> EmbeddingsAnswer:
    """Vectors of 384 dimensions for texts and their chunks; compare them by cosine."""
    return answer(
        "embeddings",
        body,
        tenant_id=caller.tenant_id,
        owner=caller.sub,
        now=utc_now(),
        stored_projects=list,
    )


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one API request, or do one task of a state machine."""
    return respond(app, event, context) if "httpMethod" in event else run_task(event, context, run=answer_task)
