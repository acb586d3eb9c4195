"""One JSON request over HTTP, bounded in time and size. By the standard library: nothing more to import or ship."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection, IncompleteRead
from threading import Timer
from typing import Any
from urllib.parse import urlsplit

from besunny.errors import EngineFailedError
from besunny.inference.engines.attempts import TryAgainError
from besunny.inference.engines.protocol import Deadline

CONNECT_SECONDS = 5.0
MOST_BYTES = 8 * 1024 * 1024
_PIECE = 64 * 1024
# Too slow, in conflict with another request, too many, or the server's own trouble (529: Anthropic's "overloaded").
_REQUESTS_FAULT = {400, 413, 422}
_PASSING = {408, 409, 425, 429, 500, 502, 503, 504, 529}


class RefusedError(EngineFailedError):
    """The server refused the request itself; `status` says how."""

    def __init__(self, status: int) -> None:
        self.status = status
        # A key, an address or a model that is wrong is wrong for the next request too.
        self.blames_request = status in _REQUESTS_FAULT
        super().__init__(f"the server refused the request (HTTP {status})")


def post_json(url: str, body: Any, *, headers: Mapping[str, str], seconds: float, deadline: Deadline) -> Any:
    """POST a JSON body and decode the JSON answer. No redirect is followed, nothing is tried twice.

    What the server says in an error is left out of messages: it may repeat the document.

    Args:
        seconds: for the whole request, as far as `deadline` allows them.

    Raises:
        TryAgainError: no connection, no answer in time, or a status that passes.
        RefusedError: any other status than 200.
        EngineFailedError: the answer is no JSON, or larger than 8 MB.
    """
    parts = urlsplit(url)
    limit = Deadline.within(min(seconds, deadline.remaining()), deadline.clock)
    connection = _connection(parts.scheme, parts.hostname or "", parts.port, max(min(CONNECT_SECONDS, seconds), 0.001))
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    cutting = None
    try:
        connection.connect()
        left = max(limit.remaining(), 0.001)
        connection.sock.settimeout(left)
        # Each read of a line of the headers has that timeout anew: who drips them is cut off from beside.
        cutting = Timer(left, _cut_off, [connection.sock])
        cutting.daemon = True
        cutting.start()
        sent = {"Content-Type": "application/json", "Accept": "application/json", **headers}
        connection.request("POST", target, json.dumps(body).encode(), sent)
        response = connection.getresponse()
        if response.status in _PASSING:
            reason = f"the server answered HTTP {response.status}"
            raise TryAgainError(reason, after=_retry_after(response), status=response.status)
        if response.status != 200:
            raise RefusedError(response.status)
        return _decoded(_read(response, connection, limit))
    except TimeoutError:
        raise TryAgainError(f"no answer within {seconds:g} s") from None
    except (OSError, HTTPException) as error:
        if limit.remaining() <= 0:
            raise TryAgainError(f"no answer within {seconds:g} s") from None
        raise TryAgainError(f"the connection failed ({type(error).__name__})") from None
    finally:
        if cutting is not None:
            cutting.cancel()
        connection.close()


def _cut_off(connected: socket.socket) -> None:
    """End a connection that another thread reads; that one sees its end."""
    with suppress(OSError):  # it has ended already
        socket.socket.shutdown(connected, socket.SHUT_RDWR)


def _connection(scheme: str, host: str, port: int | None, seconds: float) -> HTTPConnection:
    if scheme == "https":
        return HTTPSConnection(host, port, timeout=seconds, context=_trusted())
    return HTTPConnection(host, port, timeout=seconds)


@lru_cache
def _trusted() -> ssl.SSLContext:
    return ssl.create_default_context()


def _read(response: HTTPResponse, connection: HTTPConnection, limit: Deadline) -> bytes:
    """The body, piece by piece: a server that sends a byte a second must not hold us for ever."""
    pieces: list[bytes] = []
    size = 0
    while piece := response.read1(_PIECE):
        pieces.append(piece)
        size += len(piece)
        if size > MOST_BYTES:
            raise EngineFailedError("the server's answer is larger than 8 MB")
        if limit.remaining() <= 0:
            raise TimeoutError
        if connection.sock is not None:
            connection.sock.settimeout(limit.remaining())
    if response.length:
        raise IncompleteRead(b"", response.length)
    return b"".join(pieces)


def _decoded(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise EngineFailedError("the server's answer is no JSON") from None


def _retry_after(response: HTTPResponse) -> float | None:
    value = response.getheader("Retry-After", "")
    return float(value) if value.isascii() and value.isdigit() and len(value) < 6 else None
