"""Models of Amazon Bedrock, by Converse; the answer's form is the input of a tool that the model must use.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from besunny.errors import EngineFailedError
from besunny.inference.contracts.engine_config import Bedrock
from besunny.inference.engines.attempts import TryAgainError
from besunny.inference.engines.protocol import ChatRequest, Completion, Deadline

_PASSING = {
    "ThrottlingException",
    "ModelTimeoutException",
    "InternalServerException",
    "ServiceUnavailableException",
    "ModelNotReadyException",
    "ModelErrorException",
}
_REFUSALS = ("guardrail_intervened", "content_filtered")

Client = Callable[[float], Any]
"""Gives a boto3 client of `bedrock-runtime` that waits at most so many seconds and never retries."""


class BedrockChat:
    """A chat model of Bedrock.

    Args:
        settings: of the engine.
        client: gives the client.
    """

    def __init__(self, settings: Bedrock, client: Client) -> None:
        self._settings = settings
        self._client = client

    def complete(self, request: ChatRequest, *, deadline: Deadline) -> Completion:
        """Ask once.

        Raises:
            TryAgainError: Bedrock was busy, too slow, or not reached.
            EngineFailedError: it refused.
        """
        from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

        client = self._client(min(self._settings.timeout_seconds, deadline.remaining()))
        try:
            answer = client.converse(**self._arguments(request))
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code in _PASSING:
                raise TryAgainError(f"Bedrock answered {code}") from None
            refused = EngineFailedError(f"Bedrock refused the request ({code})")
            refused.blames_request = code == "ValidationException"
            raise refused from None
        except NoCredentialsError:
            raise EngineFailedError("there are no AWS credentials to ask Bedrock with") from None
        except BotoCoreError as error:
            raise TryAgainError(f"Bedrock was not reached ({type(error).__name__})") from None
        return _completion(answer)

    def _arguments(self, request: ChatRequest) -> dict[str, Any]:
        inference: dict[str, Any] = {"maxTokens": self._settings.max_output_tokens}
        if self._settings.temperature is not None:
            inference["temperature"] = self._settings.temperature
        tool = {"name": request.schema_name, "inputSchema": {"json": request.schema}}
        return {
            "modelId": self._settings.model,
            "system": [{"text": request.system}],
            "messages": [{"role": role, "content": [{"text": text}]} for role, text in request.turns],
            "inferenceConfig": inference,
            "toolConfig": {
                "tools": [{"toolSpec": {**tool, "description": "Takes the answer"}}],
                "toolChoice": {"tool": {"name": request.schema_name}},
            },
        }


def _completion(answer: dict[str, Any]) -> Completion:
    reason = answer.get("stopReason")
    content = answer.get("output", {}).get("message", {}).get("content", [])
    used = next((block["toolUse"].get("input") for block in content if "toolUse" in block), None)
    usage = answer.get("usage", {})
    # What stands in a text beside the tool is talk, not the answer.
    data = used if isinstance(used, dict) else None
    return Completion(
        data,
        cut_off=reason == "max_tokens",
        input_tokens=usage.get("inputTokens"),
        output_tokens=usage.get("outputTokens"),
        withheld=reason if reason in _REFUSALS else None,
    )
