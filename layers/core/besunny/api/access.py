"""The one table that says which endpoint needs which role; what is not in it is refused."""

from typing import Any

from besunny.api.principal import Role, principal_of
from besunny.errors import ForbiddenError

_ORCHESTRATION = "/v1/ai-orchestration"
_PERFORMANCE = "/v1/performance"
_SERVICES = "/v1/ai-services"

OPEN = frozenset({("GET", "/health"), ("GET", "/openapi.json"), ("GET", "/docs")})
"""Endpoints that need no token."""

NEEDED: dict[tuple[str, str], Role] = {
    ("POST", f"{_ORCHESTRATION}/workflows"): Role.USER,
    ("GET", f"{_ORCHESTRATION}/workflows"): Role.USER,
    ("POST", f"{_ORCHESTRATION}/workflows/batch"): Role.USER,
    ("GET", f"{_ORCHESTRATION}/workflows/types"): Role.USER,
    ("POST", f"{_ORCHESTRATION}/workflows/optimize"): Role.ANALYST,
    ("GET", f"{_ORCHESTRATION}/workflows/{{workflow_id}}/status"): Role.USER,
    ("GET", f"{_ORCHESTRATION}/workflows/{{workflow_id}}/items"): Role.USER,
    ("POST", f"{_ORCHESTRATION}/workflows/{{workflow_id}}/rerun"): Role.USER,
    ("DELETE", f"{_ORCHESTRATION}/workflows/{{workflow_id}}"): Role.USER,
    ("POST", f"{_ORCHESTRATION}/uploads"): Role.USER,
    ("GET", f"{_ORCHESTRATION}/services/health"): Role.USER,
    ("POST", f"{_SERVICES}/classification"): Role.USER,
    ("POST", f"{_SERVICES}/classification/feedback"): Role.USER,
    ("GET", f"{_SERVICES}/classification/feedback"): Role.USER,
    ("DELETE", f"{_SERVICES}/classification/feedback/{{correction_id}}"): Role.USER,
    ("GET", f"{_SERVICES}/classification/reviews"): Role.USER,
    ("POST", f"{_SERVICES}/classification/reviews/{{review_id}}/claim"): Role.USER,
    ("POST", f"{_SERVICES}/classification/reviews/{{review_id}}/resolve"): Role.USER,
    ("POST", f"{_SERVICES}/meeting-intelligence"): Role.USER,
    ("POST", f"{_SERVICES}/embeddings"): Role.USER,
    ("POST", f"{_SERVICES}/embeddings/index"): Role.USER,
    ("DELETE", f"{_SERVICES}/embeddings/index/{{document_id}}"): Role.USER,
    ("POST", f"{_SERVICES}/embeddings/search"): Role.USER,
    ("POST", f"{_SERVICES}/project-onboarding"): Role.USER,
    ("GET", f"{_SERVICES}/projects"): Role.USER,
    ("GET", f"{_SERVICES}/projects/{{project_id}}"): Role.USER,
    ("PUT", f"{_SERVICES}/projects/{{project_id}}"): Role.USER,
    ("DELETE", f"{_SERVICES}/projects/{{project_id}}"): Role.USER,
    ("GET", f"{_PERFORMANCE}/health"): Role.USER,
    ("GET", f"{_PERFORMANCE}/status"): Role.USER,
    ("POST", f"{_PERFORMANCE}/activity/track"): Role.USER,
    ("GET", f"{_PERFORMANCE}/activity/summary"): Role.USER,
    ("GET", f"{_PERFORMANCE}/metrics/current"): Role.ANALYST,
    ("GET", f"{_PERFORMANCE}/metrics/history"): Role.ANALYST,
    ("GET", f"{_PERFORMANCE}/metrics/summary"): Role.ANALYST,
    ("GET", f"{_PERFORMANCE}/alerts"): Role.ANALYST,
    ("POST", f"{_PERFORMANCE}/optimize"): Role.OPERATOR,
}
"""(method, path template) -> the least role that may call it."""


def admit(event: dict[str, Any]) -> None:
    """Let an API Gateway proxy event pass, or refuse it, before its body is read.

    Raises:
        UnauthenticatedError: no principal.
        ForbiddenError: the role is not enough, or the table does not know the endpoint.
    """
    endpoint = (event["httpMethod"], event["resource"])
    if endpoint in OPEN:
        return
    principal = principal_of(event)
    needed = NEEDED.get(endpoint)
    if needed is None:
        raise ForbiddenError("no role may call this endpoint")
    if not principal.role.covers(needed):
        raise ForbiddenError(f"this needs the role `{needed}`; the token's role is `{principal.role}`")
