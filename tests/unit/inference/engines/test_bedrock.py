"""Bedrock by Converse: requests that its service model takes, and its errors told apart."""

import boto3
import pytest
from botocore.exceptions import ConnectTimeoutError
from botocore.stub import ANY, Stubber
from pydantic import BaseModel

from besunny.aws import clients
from besunny.errors import EngineFailedError, EngineUnavailableError
from besunny.inference.contracts.engine_config import parse_engines
from besunny.inference.engines.attempts import Attempts
from besunny.inference.engines.bedrock import BedrockChat
from besunny.inference.engines.protocol import Deadline
from besunny.inference.generative.asking import Asker
from besunny.inference.generative.metering import Meter


class Colour(BaseModel):
    """The form of the answers here."""

    name: str


MODEL = "amazon.nova-lite-v1:0"
CONFIG = parse_engines({"engines": {"nova": {"kind": "bedrock", "model": MODEL}}})
SCHEMA = {
    "type": "object",
    "description": "The form of the answers here.",
    "properties": {"name": {"type": "string"}},
    "required": ["name"],
    "additionalProperties": False,
}
SPEC = {"name": "classification_answer", "description": "Takes the answer", "inputSchema": {"json": SCHEMA}}
SENT = {
    "modelId": MODEL,
    "system": [{"text": ANY}],
    "messages": [{"role": "user", "content": [{"text": ANY}]}],
    "inferenceConfig": {"maxTokens": 1500, "temperature": 0.0},
    "toolConfig": {"tools": [{"toolSpec": SPEC}], "toolChoice": {"tool": {"name": "classification_answer"}}},
}


def reply(*content, reason="tool_use"):
    return {
        "output": {"message": {"role": "assistant", "content": list(content)}},
        "stopReason": reason,
        "usage": {"inputTokens": 1000, "outputTokens": 100, "totalTokens": 1100},
        "metrics": {"latencyMs": 5},
    }


def used(data):
    return {"toolUse": {"toolUseId": "1", "name": "classification_answer", "input": data}}


@pytest.fixture
def stub():
    client = boto3.client("bedrock-runtime", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as stubber:
        stubber.client_under_test = client
        yield stubber


class Asked:
    """Asks the stubbed Bedrock, noting how long a client was to wait."""

    def __init__(self, stub):
        self.meter, self.seconds = Meter(), []
        self._stub = stub

    def __call__(self, seconds=30.0):
        def client(wait):
            self.seconds.append(wait)
            return self._stub.client_under_test

        def attempts(most, deadline):
            return Attempts(most, deadline, sleep=lambda _: None)

        model = BedrockChat(CONFIG.engines["nova"], client)
        asker = Asker(model, CONFIG.info("nova", "classification"), CONFIG.engines["nova"], self.meter, attempts)
        return asker.ask("classification", "The bridge is red.", Colour, deadline=Deadline.within(seconds))


@pytest.fixture
def ask(stub):
    return Asked(stub)


def test_the_answer_is_the_input_of_the_tool_and_priced(stub, ask):
    stub.add_response("converse", reply({"text": "Let me see."}, used({"name": "red"})), SENT)
    assert ask().name == "red"
    stub.assert_no_pending_responses()
    assert ask.meter.usage.usd == pytest.approx((0.06 * 1000 + 0.24 * 100) / 1e6)
    assert (ask.meter.usage.input_tokens, ask.meter.usage.output_tokens) == (1000, 100)
    assert ask.seconds == [pytest.approx(30, abs=2)]


PASSING = ["ThrottlingException", "ModelTimeoutException", "InternalServerException", "ServiceUnavailableException"]


@pytest.mark.parametrize("code", [*PASSING, "ModelNotReadyException", "ModelErrorException"])
def test_what_passes_is_tried_three_times_and_no_more(stub, ask, code):
    for _ in range(3):
        stub.add_client_error("converse", code, "The bridge is red.")
    with pytest.raises(EngineUnavailableError, match=f"{code}, in 3 requests") as caught:
        ask()
    stub.assert_no_pending_responses()
    assert "bridge" not in str(caught.value)


@pytest.mark.parametrize("code", ["AccessDeniedException", "ValidationException", "ResourceNotFoundException"])
def test_what_does_not_pass_is_asked_once(stub, ask, code):
    stub.add_client_error("converse", code)
    with pytest.raises(EngineFailedError, match=code):
        ask()
    assert ask.meter.usage.calls == 1


@pytest.mark.parametrize("reason", ["guardrail_intervened", "content_filtered"])
def test_an_answer_that_was_withheld_is_none(stub, ask, reason):
    stub.add_response("converse", reply({"text": "no"}, reason=reason))
    with pytest.raises(EngineFailedError, match=reason):
        ask()
    assert ask.meter.usage.output_tokens == 100


@pytest.mark.parametrize("content", [{"text": '{"name": "red"}'}, used({"colour": "red"})])
def test_an_answer_beside_the_tool_or_of_another_form_is_repaired_once(stub, ask, content):
    stub.add_response("converse", reply(content))
    stub.add_response("converse", reply(used({"name": "red"})))
    assert ask().name == "red"


def test_every_error_of_the_service_model_is_told_apart(stub):
    from besunny.inference.engines import bedrock

    known = {shape.name for shape in stub.client_under_test.meta.service_model.operation_model("Converse").error_shapes}
    assert known >= bedrock._PASSING
    refused = {"AccessDeniedException", "ResourceNotFoundException", "ValidationException"}
    assert known - bedrock._PASSING == refused


def test_a_client_never_retries_and_waits_no_longer_than_there_is_time(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    client = clients.bedrock_runtime(None, "http://127.0.0.1:9", 20.0)
    assert client.meta.config.retries["total_max_attempts"] == 1
    assert client.meta.config.read_timeout == 15
    assert clients.bedrock_runtime(None, "http://127.0.0.1:9", 29.0) is client


def test_a_connection_that_fails_may_work_another_time(ask, monkeypatch):
    def fails(**_):
        raise ConnectTimeoutError(endpoint_url="https://bedrock")

    monkeypatch.setattr(ask._stub.client_under_test, "converse", fails, raising=False)
    with pytest.raises(EngineUnavailableError, match="ConnectTimeoutError"):
        ask()
