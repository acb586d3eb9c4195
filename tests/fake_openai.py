"""An OpenAI-compatible server on loopback that says what the test tells it to, and remembers what it was asked."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Reply:
    """What to send back. `drip`: the body a byte at a time, this many seconds apart; `drip_headers`: a header."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    drip: float = 0.0
    drip_headers: float = 0.0


@dataclass(frozen=True)
class Request:
    """What the server was sent."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def document(self) -> str:
        """The last turn, in which the document stands."""
        return str(self.body["messages"][-1]["content"])

    @property
    def schema(self) -> dict[str, Any]:
        """The schema, in whichever way it was sent; empty where it stands in the prompt."""
        if "response_format" in self.body:
            return dict(self.body["response_format"]["json_schema"]["schema"])
        return dict(self.body["tools"][0]["function"]["parameters"]) if "tools" in self.body else {}


def chat(request: Request, data: Any, *, finish: str = "stop", usage: Any = (100, 20)) -> Reply:
    """A completion that holds `data`, in the way that was asked for; a text is sent as it is."""
    text = data if isinstance(data, str) else json.dumps(data)
    message: dict[str, Any] = {"role": "assistant", "content": text}
    if "tools" in request.body:
        call = {"id": "1", "type": "function", "function": {"name": "answer", "arguments": text}}
        message = {"role": "assistant", "content": None, "tool_calls": [call]}
    body = {"choices": [{"index": 0, "message": message, "finish_reason": finish}]}
    if usage:
        body["usage"] = {"prompt_tokens": usage[0], "completion_tokens": usage[1]}
    return Reply(body=body)


class FakeOpenAi:
    """The server. `reply` may be changed at any time; it gets each request."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.reply: Callable[[Request], Reply] = lambda _request: Reply(503)
        self.open = True
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def base_url(self) -> str:
        """What an engines document names."""
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    def close(self) -> None:
        """End it; what drips ends too."""
        self.open = False
        self._http.shutdown()
        self._http.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                request = Request(self.path, dict(self.headers), json.loads(self.rfile.read(length)))
                fake.requests.append(request)
                reply = fake.reply(request)
                body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
                self.send_response(reply.status)
                try:
                    for name, value in {"Content-Length": str(len(body)), **reply.headers}.items():
                        self.send_header(name, value)
                        if reply.drip_headers:
                            self.flush_headers()
                            time.sleep(reply.drip_headers)
                    self.end_headers()
                    self._send(body, reply.drip)
                except OSError:
                    self.close_connection = True  # the caller had enough

            def _send(self, body: bytes, drip: float) -> None:
                if not drip:
                    self.wfile.write(body)
                    return
                for byte in body:
                    if not fake.open:
                        return
                    self.wfile.write(bytes([byte]))
                    time.sleep(drip)

            def log_message(self, *_: Any) -> None:
                """Tests print nothing."""

        return Handler


@contextmanager
def serving() -> Iterator[FakeOpenAi]:
    """A server for as long as the block lasts."""
    fake = FakeOpenAi()
    try:
        yield fake
    finally:
        fake.close()
