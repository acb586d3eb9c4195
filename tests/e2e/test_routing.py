"""Circuits, end to end: an engine breaks, the work moves on, and comes back; all functions know the same of it."""

import json
import time
import uuid

import pytest

from tests.e2e.client import Client, until
from tests.e2e.engines import AS_EQUALS, COOL_DOWN_SECONDS, IN_ORDER
from tests.e2e.samples import BRIDGE_MAIL, PROJECTS
from tests.fake_openai import Reply, chat

pytestmark = pytest.mark.e2e
DIRECT = "/v1/ai-services/classification"


def broken(_request):
    return Reply(503, {}, {"Retry-After": "0"})


def working(request):
    label = next(line[2:4] for line in request.document.splitlines() if "Harbour bridge" in line)
    quote = "corrosion on four girders of the north span"
    empty = {"summary_quotes": [], "next_step_quotes": [], "tags": []}
    return chat(request, {"project": label, "quotes": [quote], **empty})


@pytest.fixture
def servers(engine_server, other_engine_server):
    for server in (engine_server, other_engine_server):
        server.requests.clear()
        server.reply = working
    yield engine_server, other_engine_server
    for server in (engine_server, other_engine_server):
        server.reply = lambda request: Reply(503)


@pytest.fixture
def caller(stack):
    return Client(stack.api_url, stack.token(sub="alice", tenant=IN_ORDER))


def work():
    document = {**BRIDGE_MAIL, "content_text": f"{BRIDGE_MAIL['content_text']} Reference {uuid.uuid4().hex}."}
    return {"document": document, "projects": PROJECTS}


def ask(caller):
    response = caller.post(DIRECT, work())
    assert response.status_code == 200, response.text
    return response.json()


def engines(caller):
    found = caller.get("/v1/ai-orchestration/services/health").json()["services"]["classification"]
    return {engine["name"]: engine for engine in found["engines"]}


def open_the_first(caller, server):
    """Work as ever meets an engine that is broken, until nobody asks it any more."""
    server.reply = broken
    view = caller.run("classification", work())
    assert view["status"] == "completed", view["errors"]
    assert view["result"]["engine"]["name"] == "south"
    assert engines(caller)["north"]["circuit"]["state"] == "open"
    return view["result"]


def back(caller, server):
    """The first answers again."""
    server.reply = working
    until(lambda: ask(caller)["engine"]["name"], lambda name: name == "north", within=3 * COOL_DOWN_SECONDS)


def test_a_broken_engine_is_left_alone_but_for_probes_and_comes_back_within_a_cool_down(servers, caller):
    north, _ = servers
    back(caller, north)
    north.requests.clear()

    result = open_the_first(caller, north)
    assert len(north.requests) == 3
    assert [(one["engine"], one["outcome"]) for one in result["routing"]["attempts"]] == [
        ("north", "EngineUnavailableError"),
        ("south", "answered"),
    ]
    assert [one["requests"] for one in result["routing"]["attempts"]] == [3, 1]

    begun, probes = time.monotonic(), 0
    while time.monotonic() < begun + 2.5 * COOL_DOWN_SECONDS:
        found = ask(caller)
        assert found["engine"]["name"] == "south"
        probes += found["routing"]["probe"] == "north"
        if found["routing"]["probe"] is None:
            (rejected,) = found["routing"]["rejected"]
            assert (rejected["engine"], rejected["error"]) == ("north", "CircuitOpenError")
            assert "failed requests, next probe in" in rejected["reason"]
            assert found["routing"]["candidates"] == ["south"]
            assert [one["engine"] for one in found["routing"]["attempts"]] == ["south"]
    assert 1 <= probes <= 3
    assert len(north.requests) == 3 + probes

    shown = engines(caller)["north"]
    assert (shown["status"], shown["circuit"]["last_failure"]) == ("down", "the server answered HTTP 503")
    assert shown["circuit"]["since"] < shown["circuit"]["next_probe"]
    assert engines(caller)["south"]["circuit"]["state"] == "closed"

    north.reply = working
    restored = time.monotonic()
    until(lambda: ask(caller)["engine"]["name"], lambda name: name == "north", within=30)
    assert time.monotonic() - restored < COOL_DOWN_SECONDS + 2
    assert engines(caller)["north"]["circuit"]["state"] == "closed"


def test_the_schedule_finds_out_that_an_engine_works_though_nobody_asks_it(servers, stack, caller):
    north, _ = servers
    back(caller, north)
    open_the_first(caller, north)
    north.reply = lambda request: chat(request, {"ok": True})

    def probe():
        answer = stack.client("lambda").invoke(FunctionName=stack.resources["ProbeEnginesFunction"], Payload=b"{}")
        return json.loads(answer["Payload"].read())

    until(lambda: engines(caller)["north"]["circuit"]["state"], lambda state: state == "half_open", within=20)
    assert probe() == {"north": "answered"}
    assert engines(caller)["north"]["circuit"]["state"] == "closed"
    assert probe() == {}


def test_of_equals_the_quicker_gets_the_work(servers, stack):
    slow, quick = servers

    def slowly(request):
        time.sleep(1.0)
        return working(request)

    slow.reply = slowly
    equals = Client(stack.api_url, stack.token(sub="alice", tenant=AS_EQUALS))
    names = [ask(equals)["engine"]["name"] for _ in range(12)]
    assert names.count("east") <= 2, names
    assert len(quick.requests) >= 10
    assert len(slow.requests) == names.count("east")
