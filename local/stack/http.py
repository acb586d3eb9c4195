"""JSON over HTTP to the running API. Standard library only."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Answer:
    """`body` is the parsed JSON, the text where it is not JSON; header names are in lower case."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


def call(
    method: str,
    url: str,
    *,
    token: str | None = None,
    body: Any = None,
    headers: Mapping[str, str] | None = None,
    timeout_seconds: float = 35.0,
) -> Answer:
    """One request; error statuses are answers too. `body` is sent as JSON, bytes as they are. Raises OSError."""
    content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    sent = {"Content-Type": "application/json"} if content is not None else {}
    sent |= {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(url, content, {**sent, **(headers or {})}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=timeout_seconds) as answer:
            return _answer(answer.status, answer.read(), dict(answer.headers))
    except urllib.error.HTTPError as error:
        with error:
            return _answer(error.code, error.read(), dict(error.headers))


def _answer(status: int, content: bytes, headers: Mapping[str, str]) -> Answer:
    text = content.decode(errors="replace")
    names = {name.lower(): value for name, value in headers.items()}
    try:
        return Answer(status, json.loads(text), names)
    except ValueError:
        return Answer(status, text, names)
