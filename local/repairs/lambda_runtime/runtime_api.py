"""The Lambda Runtime API, served to one execution environment on a port of its own.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html: the runtime polls `next`, and posts a `response` or an
`error` an invocation; `init/error` when the handler cannot be loaded.
"""

from __future__ import annotations

import contextlib
import http.server
import queue
import re
import socket
import threading
from dataclasses import dataclass, field

_RESULT = re.compile(r"/2018-06-01/runtime/invocation/([^/]+)/(response|error)")


@dataclass(frozen=True)
class Invocation:
    """One event for the runtime. deadline_ms: Unix time in ms at which the function's Timeout ends."""

    request_id: str
    payload: bytes
    deadline_ms: int
    function_arn: str
    trace_id: str | None = None


@dataclass
class Outcome:
    """What the runtime posted. kind: `response`, `error` or `init_error`."""

    kind: str
    payload: bytes


@dataclass
class RuntimeApi:
    """Hands out invocations one at a time and gathers what becomes of them."""

    ready: threading.Event = field(default_factory=threading.Event)
    _outcomes: queue.SimpleQueue[Outcome | None] = field(default_factory=queue.SimpleQueue)
    _invocations: queue.SimpleQueue[Invocation | None] = field(default_factory=queue.SimpleQueue)
    taken: bool = False
    _current: str | None = None
    _closed: bool = False

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True, name="runtime-api").start()

    def offer(self, invocation: Invocation) -> None:
        self._current, self.taken = invocation.request_id, False
        self._invocations.put(invocation)

    def outcome(self, timeout_seconds: float) -> Outcome | None:
        """What the runtime posted; None when nothing came in time, or the environment ended (`wake`)."""
        with contextlib.suppress(queue.Empty):
            return self._outcomes.get(timeout=max(timeout_seconds, 0.0))
        return None

    def wake(self) -> None:
        """Let whoever waits for an outcome look up: the process ended."""
        self.ready.set()
        self._outcomes.put(None)

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._invocations.put(None)
        # A blocked accept() does not notice a closed socket on every system, a connection it does.
        with contextlib.suppress(OSError):
            socket.create_connection(self._listener.getsockname(), timeout=1).close()
        self._listener.close()

    def _accept(self) -> None:
        while not self._closed:
            try:
                connection, address = self._listener.accept()
            except OSError:
                return
            if self._closed:
                connection.close()
                return
            threading.Thread(target=self._serve, args=(connection, address), daemon=True, name="runtime-api").start()

    def _serve(self, connection: socket.socket, address: tuple[str, int]) -> None:
        api = self
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        class Handler(_Handler):
            runtime_api = api

        # The runtime's process may be killed at any moment, which breaks its connection.
        with contextlib.suppress(OSError), connection:
            Handler(connection, address, None)  # type: ignore[arg-type]

    def _next(self) -> Invocation | None:
        self.ready.set()
        invocation = self._invocations.get()
        self.taken = invocation is not None
        return invocation

    def _post(self, request_id: str, kind: str, payload: bytes) -> bool:
        if request_id != self._current:
            return False
        self._current = None
        self._outcomes.put(Outcome(kind, payload))
        return True

    def _init_error(self, payload: bytes) -> None:
        self._outcomes.put(Outcome("init_error", payload))
        self.ready.set()


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    runtime_api: RuntimeApi

    def log_message(self, format: str, *args: object) -> None:
        """One line a request on stderr helps nobody."""

    def do_GET(self) -> None:
        if not self.path.endswith("/runtime/invocation/next"):
            self._answer(404, b"{}")
            return
        invocation = self.runtime_api._next()
        if invocation is None:
            self._answer(500, b'{"errorMessage":"the environment ended"}')
            return
        headers = {
            "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
            "Lambda-Runtime-Deadline-Ms": str(invocation.deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": invocation.function_arn,
        }
        if invocation.trace_id:
            headers["Lambda-Runtime-Trace-Id"] = invocation.trace_id
        self._answer(200, invocation.payload, headers)

    def do_POST(self) -> None:
        body = self._body()
        if self.path.endswith("/runtime/init/error"):
            self.runtime_api._init_error(body)
            self._answer(202, b"{}")
            return
        match = _RESULT.search(self.path)
        if match is None:
            self._answer(404, b"{}")
        elif self.runtime_api._post(match[1], match[2], body):
            self._answer(202, b'{"status":"OK"}')
        else:
            self._answer(400, b'{"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}')

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
