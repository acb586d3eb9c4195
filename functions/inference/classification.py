"""POST /v1/ai-services/classification, and the classification task of the state machines."""

from functools import partial
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.api.principal import Caller
from besunny.api.problem import handle_errors
from besunny.api.respond import respond
from besunny.clock import utc_now
from besunny.inference.contracts.classification import ClassificationAnswer, ClassificationRequest
from besunny.inference.direct import answer, answer_task
from besunny.orchestration.tasks import run_task
from besunny.projects import stored_projects

app = APIGatewayRestResolver(enable_validation=True)
handle_errors(app)


@app.post("/v1/ai-services/classification", summary="Which project does a document belong to", tags=["AI services"])
def classify_document(body: ClassificationRequest, caller: Caller) -> ClassificationAnswer:
    """The project that a document belongs to, with its confidence and evidence, and what the document holds."""
    return answer(
        "classification",
        body,
        tenant_id=caller.tenant_id,
        owner=caller.sub,
        now=utc_now(),
        stored_projects=partial(stored_projects, caller.tenant_id),
    )


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one API request, or do one task of a state machine."""
    return respond(app, event, context) if "httpMethod" in event else run_task(event, context, run=answer_task)
