"""Events as API Gateway's REST proxy integration sends them, and the context that Lambda adds."""

import json
from dataclasses import dataclass
from typing import Any


@dataclass
class FakeContext:
    """The attributes of a Lambda context that handlers read."""

    function_name: str = "TestFunction"
    aws_request_id: str = "11111111-2222-3333-4444-555555555555"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:000000000000:function:TestFunction"

    def get_remaining_time_in_millis(self) -> int:
        """As if the invocation had just begun."""
        return 29_000


def api_event(
    method: str,
    resource: str,
    *,
    body: Any = None,
    path: dict[str, str] | None = None,
    query: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
    sub: str | None = "alice",
    tenant: str = "acme",
    role: str = "user",
) -> dict[str, Any]:
    """One request.

    Args:
        method: the HTTP verb.
        resource: the path template, such as `/v1/x/{id}`.
        body: sent as JSON, or as it is where it is a text.
        path: values for the template.
        query: query parameters.
        headers: besides Content-Type.
        sub: the caller; None for a request that no authorizer saw.
        tenant: of the caller.
        role: of the caller.
    """
    url = resource
    for name, value in (path or {}).items():
        url = url.replace(f"{{{name}}}", value)
    sent = {"Content-Type": "application/json", **(headers or {})}
    authorizer = {"sub": sub, "tenant_id": tenant, "role": role, "principalId": sub} if sub else {}
    return {
        "resource": resource,
        "path": url,
        "httpMethod": method,
        "headers": sent,
        "multiValueHeaders": {name: [value] for name, value in sent.items()},
        "queryStringParameters": query,
        "multiValueQueryStringParameters": {name: [value] for name, value in query.items()} if query else None,
        "pathParameters": path,
        "stageVariables": None,
        "requestContext": {
            "resourcePath": resource,
            "httpMethod": method,
            "path": url,
            "stage": "live",
            "requestId": "99999999-2222-3333-4444-555555555555",
            "identity": {"sourceIp": "127.0.0.1"},
            "authorizer": authorizer,
        },
        "body": body if body is None or isinstance(body, str) else json.dumps(body),
        "isBase64Encoded": False,
    }
