"""The deployed REST API at the root of its own port, as AWS serves it under a custom domain.

https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mappings.html: with an empty base path mapped to a
stage, `/v1/x` reaches the resource `/v1/x`, and the request's path has no stage in it.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

from ministack import app as ministack_app
from ministack.services import apigateway_v1 as api_gateway

from local.repairs.api_gateway import BODY_BYTES, custom_domain

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_NOT_DEPLOYED = {
    "type": "urn:besunny:problem:service-unavailable",
    "title": "Service Unavailable",
    "status": 503,
    "detail": "the API is not deployed yet: try again in a moment",
}


class FrontDoor:
    """An ASGI application. stage: the stage to serve; any when None."""

    def __init__(self, stage: str | None) -> None:
        self._stage = stage

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)

    async def _serve(self, scope: Message, receive: Receive, send: Send) -> None:
        target = self._target()
        if target is None:
            refusal = {"Content-Type": "application/problem+json", "Retry-After": "1"}
            problem = {**_NOT_DEPLOYED, "instance": f"urn:besunny:request:{uuid.uuid4()}"}
            await ministack_app._send_response(send, 503, refusal, json.dumps(problem).encode())
            return
        body = await _body(receive)
        if body is None:
            return
        headers = _headers(scope["headers"])
        client = (scope.get("client") or ("127.0.0.1",))[0]
        headers.setdefault("x-forwarded-for", client)
        headers.setdefault("x-forwarded-proto", scope.get("scheme", "http"))
        headers.setdefault("x-forwarded-port", str((scope.get("server") or ("", 80))[1]))
        custom_domain.set(str(headers.get("host", "")).split(":")[0])
        query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        status, answer_headers, answer = await api_gateway.handle_execute(
            *target, scope["method"], scope["path"], headers, body, query
        )
        await ministack_app._send_response(send, status, answer_headers, answer, head=scope["method"] == "HEAD")

    def _target(self) -> tuple[str, str] | None:
        """The id and stage of the API to serve: the one deployed last."""
        for (_, _, api_id), stages in reversed(list(api_gateway._stages_v1._data.items())):
            served = [stage for stage in stages if self._stage in (None, stage)]
            if served:
                # SAM adds a stage named "Stage" to an API whose OpenApiVersion is not set.
                return api_id, min(served, key=lambda stage: stage == "Stage")
        return None


def _headers(pairs: Iterable[tuple[bytes, bytes]]) -> dict[str, str | list[str]]:
    """Names in lower case; a header sent more than once has a list."""
    headers: dict[str, str | list[str]] = {}
    for raw_name, raw_value in pairs:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        earlier = headers.get(name)
        if earlier is None:
            headers[name] = value
        else:
            headers[name] = [*earlier, value] if isinstance(earlier, list) else [earlier, value]
    return headers


async def _body(receive: Receive) -> bytes | None:
    """The request's body, cut off just above what API Gateway takes; None when the client went away."""
    parts: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        # The rest is read and dropped: a client that still sends would not read the refusal.
        if size <= BODY_BYTES:
            parts.append(message.get("body", b""))
            size += len(parts[-1])
        more = message.get("more_body", False)
    return b"".join(parts)


async def _lifespan(receive: Receive, send: Send) -> None:
    """ministack's own application starts and stops the services; this one has nothing to do."""
    for event in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{event}.complete"})
