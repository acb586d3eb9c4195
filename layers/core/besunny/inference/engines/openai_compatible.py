"""Any server with OpenAI's chat API, over plain HTTP: OpenAI, vLLM, llama.cpp, Ollama.

https://platform.openai.com/docs/api-reference/chat/create
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Literal

from besunny.errors import EngineFailedError
from besunny.inference.contracts.engine_config import OpenAiCompatible
from besunny.inference.engines.attempts import TryAgainError
from besunny.inference.engines.http_json import RefusedError, post_json
from besunny.inference.engines.protocol import ChatRequest, Completion, Deadline
from besunny.observability.logs import logger

Way = Literal["json_schema", "tools", "text"]
_WAYS: tuple[Way, ...] = ("json_schema", "tools", "text")
# How servers say that they do not know a field or a value of it; llama-cpp-python's fails over it.
_NOT_UNDERSTOOD = {400, 404, 405, 415, 422, 500, 501}
# What worked, by server and model, for as long as this process lives.
_found: dict[tuple[str, str], Way] = {}


class OpenAiChat:
    """A chat model of such a server.

    Args:
        settings: of the engine.
        key: gives the API key, or None; called for each request, since keys are rotated.
    """

    def __init__(self, settings: OpenAiCompatible, key: Callable[[], str | None]) -> None:
        self._settings = settings
        self._key = key
        self._place = 0

    def complete(self, request: ChatRequest, *, deadline: Deadline) -> Completion:
        """Ask once. A server that does not take a schema this way is asked another way by the next try.

        Raises:
            TryAgainError: another try may work, also in another way.
            EngineFailedError: no other try will.
        """
        way = self._way()
        try:
            answer = post_json(
                f"{self._settings.base_url}/chat/completions",
                self._body(request, way),
                headers=authorization(self._key()),
                seconds=self._settings.timeout_seconds,
                deadline=deadline,
            )
        except (RefusedError, TryAgainError) as error:
            if self._searching and error.status in _NOT_UNDERSTOOD and way != _WAYS[-1]:
                self._place += 1
                reason = f"the server does not take `{way}` (HTTP {error.status})"
                raise TryAgainError(reason, after=0.0, understood=error.status != 500) from None
            raise
        completion = _completion(answer, self._settings.max_output_tokens)
        if self._searching:
            _found[self._server] = way
            if way != _WAYS[0]:
                logger().warning("the engine's server takes no schema: it is asked by `%s`", way)
        return completion

    @property
    def _searching(self) -> bool:
        """Whether no way is known to work yet."""
        return self._settings.structured == "auto" and self._server not in _found

    @property
    def _server(self) -> tuple[str, str]:
        return self._settings.base_url, self._settings.model

    def _way(self) -> Way:
        chosen = self._settings.structured
        return _found.get(self._server, _WAYS[self._place]) if chosen == "auto" else chosen

    def _body(self, request: ChatRequest, way: Way) -> dict[str, Any]:
        settings = self._settings
        system = request.system
        if way == "text":
            system += "\n\nAnswer with one JSON object of this JSON schema and nothing else:\n" + json.dumps(
                request.schema, separators=(",", ":")
            )
        turns = [{"role": role, "content": text} for role, text in request.turns]
        body: dict[str, Any] = {
            "model": settings.model,
            "messages": [{"role": "system", "content": system}, *turns],
            settings.output_limit: settings.max_output_tokens,
        }
        if settings.temperature is not None:
            body["temperature"] = settings.temperature
        if way == "json_schema":
            schema = {"name": request.schema_name, "strict": True, "schema": request.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        elif way == "tools":
            function = {"name": request.schema_name, "parameters": request.schema, "strict": True}
            body["tools"] = [{"type": "function", "function": function}]
            body["tool_choice"] = {"type": "function", "function": {"name": request.schema_name}}
        return body


def authorization(key: str | None) -> dict[str, str]:
    """The header that carries a key; none without one."""
    return {"Authorization": f"Bearer {key}"} if key else {}


def _completion(answer: Any, limit: int) -> Completion:
    try:
        choice = answer["choices"][0]
        message = choice["message"]
        content, tools = message.get("content"), message.get("tool_calls")
        text = tools[0]["function"]["arguments"] if tools else content
        usage = answer.get("usage") or {}
        refused = "refusal" if message.get("refusal") else None
        finish = choice.get("finish_reason")
        counted = [usage.get(name) for name in ("prompt_tokens", "completion_tokens")]
    except (KeyError, IndexError, TypeError, AttributeError):
        raise EngineFailedError("the server's answer has not the form of a chat completion") from None
    tokens = [count if isinstance(count, int) and count >= 0 else None for count in counted]
    return Completion(
        json_in(text),
        # Some servers say `tool_calls` of a call that their limit cut off.
        cut_off=finish == "length" or (tokens[1] or 0) >= limit,
        input_tokens=tokens[0],
        output_tokens=tokens[1],
        withheld=refused or (finish if finish == "content_filter" else None),
    )


def json_in(text: Any) -> Any:
    """The JSON object in a text, which may stand after words or in a code fence; None where there is none.

    An object inside one that was cut off is not it.
    """
    if not isinstance(text, str):
        return text if isinstance(text, dict) else None
    starts = [text.find("{"), text.find("{", text.find("```json"))]
    for start in dict.fromkeys(start for start in starts if start >= 0):
        try:
            return json.JSONDecoder().raw_decode(text, start)[0]
        except (ValueError, RecursionError):
            continue
    return None
