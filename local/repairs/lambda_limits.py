"""Invoke refuses what is too large for Lambda.

AWS (lambda/latest/dg/gettingstarted-limits.html): 6 MB for a synchronous invocation, 1 MB for an asynchronous one;
above it Invoke answers 413 `RequestEntityTooLargeException`. Stock ministack takes any size.
"""

from __future__ import annotations

import re
from typing import Any

from ministack.services import lambda_svc

from local.repairs.pins import expect

SYNCHRONOUS_BYTES = 6 * 1024 * 1024
ASYNCHRONOUS_BYTES = 1024 * 1024
_INVOKE = re.compile(r"/2015-03-31/functions/[^/]+/invocations/?$")


def apply() -> None:
    handle = expect(lambda_svc, "handle_request", "method", "path", "headers", "body", "query_params")

    async def handle_request(
        method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, Any]
    ) -> Any:
        if method == "POST" and len(body) > ASYNCHRONOUS_BYTES and _INVOKE.search(path):
            event = headers.get("x-amz-invocation-type", "") == "Event"
            limit = ASYNCHRONOUS_BYTES if event else SYNCHRONOUS_BYTES
            if len(body) > limit:
                message = f"Request must be smaller than {limit} bytes for the InvokeFunction operation"
                return lambda_svc.error_response_json("RequestEntityTooLargeException", message, 413)
        return await handle(method, path, headers, body, query_params)

    lambda_svc.handle_request = handle_request
