"""A server with OpenAI's API, over real sockets: what is sent, what is taken, and what happens when it fails."""

import json
import socket

import pytest
from pydantic import BaseModel

from besunny.errors import EngineFailedError, EngineUnavailableError
from besunny.inference.engines.protocol import Deadline
from besunny.observability.probe import Stopwatch
from tests.fake_openai import Reply, chat


class Colour(BaseModel):
    """The form of the answers here."""

    name: str


def ask(bench, *, seconds=30.0, key=None, **settings):
    asker = bench.asker(key=key, **settings)
    return asker.ask("classification", "The bridge is red.", Colour, deadline=Deadline.within(seconds))


def test_a_schema_a_key_and_the_fenced_document_go_over(bench, server):
    server.reply = lambda request: chat(request, {"name": "red"})
    assert ask(bench, key="sk-1").name == "red"
    (request,) = server.requests
    assert request.path == "/v1/chat/completions"
    assert request.headers["Authorization"] == "Bearer sk-1"
    assert request.body["model"] == "test-model"
    assert request.body["temperature"] == 0
    assert request.body["max_tokens"] == 1500
    assert request.schema == {
        "type": "object",
        "properties": {"name": {"type": "string"}},
        "required": ["name"],
        "additionalProperties": False,
        "description": "The form of the answers here.",
    }
    assert "The bridge is red." in request.document
    assert "The bridge is red." not in request.body["messages"][0]["content"]


def test_without_a_key_no_header_is_sent_and_fields_have_the_names_the_server_wants(bench, server):
    server.reply = lambda request: chat(request, {"name": "red"})
    ask(bench, temperature=None, output_limit="max_completion_tokens", structured="tools")
    (request,) = server.requests
    assert "Authorization" not in request.headers
    assert "temperature" not in request.body
    assert request.body["max_completion_tokens"] == 1500
    assert request.body["tool_choice"]["function"]["name"] == request.body["tools"][0]["function"]["name"]


@pytest.mark.parametrize("status", [400, 404, 422, 500, 501])
def test_a_server_that_takes_no_schema_is_asked_by_a_tool_then_by_text_and_remembered(bench, server, status):
    def reply(request):
        if "response_format" in request.body or "tools" in request.body:
            return Reply(status, {"error": "unknown field"})
        return chat(request, 'Here you are:\n```json\n{"name": "red"}\n```')

    server.reply = reply
    assert ask(bench).name == "red"
    assert len(server.requests) == 3
    assert bench.meter.usage.calls == 3
    assert '"additionalProperties":false' in server.requests[-1].body["messages"][0]["content"]
    assert ask(bench).name == "red"
    assert len(server.requests) == 4


def test_a_server_that_was_only_busy_is_asked_by_a_schema_again(bench, server):
    server.reply = lambda request: Reply(500)
    with pytest.raises(EngineUnavailableError):
        ask(bench)
    assert len(server.requests) == 3
    server.reply = lambda request: chat(request, {"name": "red"})
    ask(bench)
    assert "response_format" in server.requests[-1].body
    server.reply = lambda request: Reply(400)
    with pytest.raises(EngineFailedError, match="HTTP 400"):
        ask(bench)
    assert len(server.requests) == 5


def test_a_way_that_was_chosen_is_not_left(bench, server):
    server.reply = lambda request: Reply(400, {})
    with pytest.raises(EngineFailedError, match="HTTP 400"):
        ask(bench, structured="json_schema")
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 529])
def test_what_passes_is_tried_three_times_and_no_more(bench, server, status):
    server.reply = lambda request: Reply(status, {"error": "The bridge is red."})
    with pytest.raises(EngineUnavailableError, match=f"HTTP {status}, in 3 requests") as caught:
        ask(bench)
    assert len(server.requests) == 3
    assert bench.meter.usage.calls == 3
    assert bench.meter.usage.usd == 0
    assert "bridge" not in str(caught.value)


@pytest.mark.parametrize("status", [301, 401, 403, 413])
def test_what_does_not_pass_is_not_tried_again_nor_followed(bench, server, status):
    server.reply = lambda request: Reply(status, {}, {"Location": f"{server.base_url}/elsewhere"})
    with pytest.raises(EngineFailedError, match=f"HTTP {status}"):
        ask(bench)
    assert len(server.requests) == 1


def test_it_recovers_when_the_server_does(bench, server):
    server.reply = lambda request: Reply(503) if len(server.requests) < 3 else chat(request, {"name": "red"})
    assert ask(bench).name == "red"
    assert bench.pauses == [0.5, 1.0]


def test_the_server_says_how_long_to_wait(bench, server):
    server.reply = lambda request: (
        Reply(429, {}, {"Retry-After": "4"}) if len(server.requests) < 2 else chat(request, {"name": "red"})
    )
    assert ask(bench).name == "red"
    assert bench.pauses == [4.0]


@pytest.mark.parametrize(
    "body",
    [b"<html>", b"[" * 200_000, {}, {"choices": []}, {"choices": [{"message": "hello"}]}, [], None, {"choices": 7}],
)
def test_an_answer_of_another_form_fails_at_once(bench, server, body):
    server.reply = lambda request: Reply(200, body)
    with pytest.raises(EngineFailedError):
        ask(bench)
    assert len(server.requests) == 1


@pytest.mark.parametrize("data", ["red", {"colour": "red"}, {"name": ["red"]}, ["red"], {"name": None}])
def test_an_unusable_output_is_repaired_once(bench, server, data):
    server.reply = lambda request: chat(request, data if len(server.requests) < 2 else {"name": "red"})
    assert ask(bench).name == "red"
    first, second = server.requests
    assert "was not usable" in second.document
    assert "was not usable" not in first.document
    server.reply = lambda request: chat(request, data)
    with pytest.raises(EngineFailedError, match="not usable"):
        ask(bench)
    assert len(server.requests) == 4


def test_a_repair_takes_one_of_the_tries(bench, server):
    server.reply = lambda request: chat(request, {})
    with pytest.raises(EngineFailedError, match="name"):
        ask(bench, attempts=1)
    assert len(server.requests) == 1


@pytest.mark.parametrize(("finish", "used"), [("length", 20), ("tool_calls", 1500)])
def test_an_output_that_was_cut_off_says_so_and_a_piece_of_it_is_not_taken(bench, server, finish, used):
    server.reply = lambda request: chat(request, '{"list": [{"name": "red"}, {"na', finish=finish, usage=(100, used))
    with pytest.raises(EngineFailedError, match="cut off"):
        ask(bench)


@pytest.mark.parametrize("how", ["refusal", "content_filter"])
def test_an_answer_that_was_withheld_is_none_and_costs_what_it_cost(bench, server, how):
    def reply(request):
        sent = chat(request, '{"name": "red"}', finish="stop" if how == "refusal" else how)
        if how == "refusal":
            sent.body["choices"][0]["message"] = {"role": "assistant", "content": None, "refusal": "I will not."}
        return sent

    server.reply = reply
    with pytest.raises(EngineFailedError, match=how):
        ask(bench)
    assert len(server.requests) == 1
    assert bench.meter.usage.output_tokens == 20


def test_a_server_that_drips_does_not_hold_us(bench, server):
    server.reply = lambda request: Reply(200, {"choices": "x" * 500}, drip=0.05)
    with pytest.raises(EngineUnavailableError, match="no answer within"):
        ask(bench, timeout_seconds=0.3, attempts=1)


def test_a_server_that_drips_its_headers_does_not_hold_us(bench, server):
    many = {f"X-{n}": "y" * 40 for n in range(90)}
    server.reply = lambda request: Reply(200, b"{}", headers=many, drip_headers=0.05)
    watch = Stopwatch()
    with pytest.raises(EngineUnavailableError, match=r"no answer within 0.3 s"):
        ask(bench, timeout_seconds=0.3, attempts=1)
    assert watch.elapsed_ms() < 3000


def test_an_answer_that_ends_early_is_asked_for_again(bench, server):
    server.reply = lambda request: Reply(
        200, b'{"choices": ', headers={"Content-Length": "4000", "Connection": "close"}
    )
    with pytest.raises(EngineUnavailableError, match="IncompleteRead"):
        ask(bench, attempts=2)
    assert len(server.requests) == 2


def test_a_server_that_is_not_there(bench):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    with pytest.raises(EngineUnavailableError, match="connection failed"):
        ask(bench, base_url=url)
    assert bench.meter.usage.calls == 3


def test_each_request_is_an_emf_line(bench, server, capsys):
    server.reply = lambda request: Reply(503) if len(server.requests) < 2 else chat(request, {"name": "red"})
    ask(bench, price={"input_per_million": 1.0, "output_per_million": 10.0})
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "EngineCalls" in line]
    assert [line["EngineErrors"] for line in lines] == [[1.0], [0.0]]
    assert lines[1]["EngineInputTokens"] == [100.0]
    assert lines[1]["engine"] == "house"
    assert lines[1]["EngineUsd"] == [pytest.approx(0.0003)]
