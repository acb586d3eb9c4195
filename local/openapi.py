"""Write the OpenAPI document of the whole API, generated from the handlers: `python -m local.openapi`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from aws_lambda_powertools.event_handler.openapi.merge import OpenAPIMerge

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "functions/documentation/openapi.json"

# What `besunny.api.problem` answers; Powertools would describe errors of its own, which no caller ever sees.
_PROBLEM = {
    "title": "Problem",
    "description": "RFC 9457. `instance` names the request; `errors` names each wrong field, its reason and its fix.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "reason", "fix"],
                "properties": {name: {"type": "string"} for name in ("field", "reason", "fix")},
            },
        },
    },
}
_PROBLEM_CONTENT = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_PROBLEMS = {
    "400": "The body is not JSON",
    "401": "No token, or none that is valid now",
    "403": "The role is not enough",
    "404": "No such thing, or not the caller's",
    "409": "Its state does not allow this",
    "413": "Larger than this way in allows",
    "415": "The body is not `application/json`",
    "422": "A field is wrong; `errors` names it",
    "502": "Each engine refused or gave nothing usable; asking again will not help",
    "503": "No engine answered in time; `Retry-After` says when to ask again",
}
# Those that engines behind a network may answer.
_BY_ENGINES = {
    f"/v1/ai-services/{name}" for name in ("classification", "meeting-intelligence", "embeddings", "project-onboarding")
}
_FOREIGN_SCHEMAS = ("HTTPValidationError", "ValidationError", "ResponseValidationError")
_BEARER = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "`make -s token` prints one"}


def generate() -> dict[str, Any]:
    """The OpenAPI 3.1 document, merged from every handler with routes; open endpoints carry no security."""
    for folder in ("layers/core", "functions"):
        if str(ROOT / folder) not in sys.path:
            sys.path.insert(0, str(ROOT / folder))
    from besunny.api.access import OPEN

    merge = OpenAPIMerge(
        title="BeSunny AI orchestration and performance monitoring",
        version="1.0.0",
        openapi_version="3.1.0",
        description="Errors are problem documents (RFC 9457). Tokens are JWTs, with roles user < analyst < operator "
        "< admin < service.",
        on_conflict="error",
    )
    merge.discover(path=ROOT / "functions", pattern="**/*.py", recursive=True, project_root=ROOT / "functions")
    document: dict[str, Any] = json.loads(merge.get_openapi_json_schema())
    document["servers"] = [{"url": "/"}]
    document.setdefault("components", {})["securitySchemes"] = {"bearer": _BEARER}
    document["security"] = [{"bearer": []}]
    for method, path in OPEN:
        document["paths"][path][method.lower()]["security"] = []
    _describe_problems(document)
    document["paths"] = dict(sorted(document["paths"].items()))
    return document


def _describe_problems(document: dict[str, Any]) -> None:
    """Give each operation the problems that it can answer with."""
    schemas = document["components"].setdefault("schemas", {})
    for name in _FOREIGN_SCHEMAS:
        schemas.pop(name, None)
    schemas["Problem"] = _PROBLEM
    for path, verbs in document["paths"].items():
        for operation in verbs.values():
            statuses = {"400", "413", "415", "422"} if "requestBody" in operation else set()
            statuses |= {"422"} if operation.get("parameters") else set()
            statuses |= {"502", "503"} if path in _BY_ENGINES else set()
            statuses |= {"404", "409"} if "{" in path else set()
            statuses |= {"401", "403"} if operation.get("security") != [] else set()
            operation["responses"].pop("422", None)
            for status in sorted(statuses):
                operation["responses"][status] = {"description": _PROBLEMS[status], "content": _PROBLEM_CONTENT}
            operation["responses"]["default"] = {"description": "Any other problem", "content": _PROBLEM_CONTENT}


def render(document: dict[str, Any]) -> str:
    """The document's text as it is checked in."""
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(render(generate()))
    print(f"wrote {DOCUMENT.relative_to(ROOT)}")
