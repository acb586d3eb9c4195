"""GET /v1/ai-services/projects."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.api.pagination import decode_cursor, encode_cursor
from besunny.api.principal import Caller
from besunny.api.problem import handle_errors
from besunny.api.respond import respond
from besunny.inference.contracts.projects import ProjectPage
from besunny.projects import page_of_projects

app = APIGatewayRestResolver(enable_validation=True)
handle_errors(app)


@app.get("/v1/ai-services/projects", summary="The tenant's stored projects", tags=["AI services"])
def get_projects(
    caller: Caller,
    limit: Annotated[int, Query(ge=1, le=100)] = 25,
    cursor: Annotated[str | None, Query(max_length=1000)] = None,
) -> ProjectPage:
    """One page of projects, ordered by id."""
    after = str((decode_cursor(cursor) or {}).get("after", "")) or None
    projects, last = page_of_projects(caller.tenant_id, limit=limit, after=after)
    return ProjectPage(projects=projects, next_cursor=encode_cursor(None if last is None else {"after": last}))


def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request."""
    return respond(app, event, context)
