"""Write the OpenAPI document of the whole API, generated from the handlers: `python -m local.openapi`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from aws_lambda_powertools.event_handler.openapi.merge import OpenAPIMerge

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "functions/documentation/openapi.json"

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
    document["paths"] = dict(sorted(document["paths"].items()))
    return document


def render(document: dict[str, Any]) -> str:
    """The document's text as it is checked in."""
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(render(generate()))
    print(f"wrote {DOCUMENT.relative_to(ROOT)}")
