"""Engines behind a network, end to end: a server on loopback answers, fails and lies, and callers see what is true."""

import threading
import time
import uuid

import pytest

from besunny.aws.dynamo import from_item
from tests.e2e.client import WORKFLOWS, Client, until
from tests.e2e.engines import KEY, WITH_FALLBACK, WITHOUT_FALLBACK
from tests.e2e.samples import BRIDGE_MAIL, PROJECTS, STANDUP
from tests.fake_openai import Reply, chat

pytestmark = pytest.mark.e2e
DIRECT = "/v1/ai-services/classification"


@pytest.fixture
def server(engine_server):
    engine_server.requests.clear()
    yield engine_server
    engine_server.reply = lambda request: Reply(503)


@pytest.fixture
def caller(stack):
    return Client(stack.api_url, stack.token(sub=f"user-{uuid.uuid4().hex[:8]}", tenant=WITH_FALLBACK))


@pytest.fixture
def strict(stack):
    return Client(stack.api_url, stack.token(sub="alice", tenant=WITHOUT_FALLBACK))


def mail():
    """The bridge's mail, never twice the same, so that no cache answers."""
    return {**BRIDGE_MAIL, "content_text": f"{BRIDGE_MAIL['content_text']} Reference {uuid.uuid4().hex}."}


def work(document=None):
    return {"document": document or mail(), "projects": PROJECTS}


def classified(request):
    if "projects" not in request.document:
        return notes(request)
    label = next(line[2:4] for line in request.document.splitlines() if "Harbour bridge" in line)
    quote = "corrosion on four girders of the north span"
    invented = "The bridge will be demolished."
    return chat(
        request,
        {
            "project": label,
            "quotes": [quote, invented],
            "summary_quotes": ["The additional steel costs $48,500."],
            "next_step_quotes": [invented],
            "tags": ["scaffolding"],
        },
    )


def notes(request):
    quote = "I will update the landing page by Friday."
    task = {"assignee": "Jamal", "due_words": "by Friday", "priority": "high"}
    true = {"text": "Jamal will update the landing page.", "quote": quote, "turn": 1}
    false = {"text": "Jamal will resign.", "quote": "I will resign.", "turn": 1}
    return chat(
        request,
        {
            "summary": [true, false],
            "key_points": [true],
            "action_items": [{**true, **task}, {**false, **task}],
            "decisions": [],
            "open_questions": [],
        },
    )


def test_a_direct_call_is_answered_by_the_tenants_engine_metered_and_grounded(server, caller):
    server.reply = classified
    document = mail()
    response = caller.post(DIRECT, work(document))
    assert response.status_code == 200, response.text
    found = response.json()
    assert (found["engine"]["name"], found["engine"]["kind"]) == ("house", "openai_compatible")
    assert found["project_id"] == "p-harbour"
    assert found["passed_over"] == []
    assert found["dropped_ungrounded"] == 2
    assert found["usage"] == {**found["usage"], "calls": 1, "input_tokens": 100, "output_tokens": 20, "note": None}
    assert found["usage"]["usd"] == pytest.approx((100 + 20 * 10) / 1e6)
    assert found["summary"] == "The additional steel costs $48,500."
    for span in found["evidence"]:
        assert document["content_text"][span["start"] : span["end"]] == span["text"]
    (request,) = server.requests
    assert request.headers["Authorization"] == f"Bearer {KEY}"


def test_a_workflow_is_too_and_its_result_is_cached_and_its_cost_counted(server, caller):
    server.reply = classified
    input_data = work()
    view = caller.run("classification", input_data)
    assert view["status"] == "completed", view["errors"]
    assert view["result"]["engine"]["name"] == view["engines"]["classification"]["name"] == "house"
    assert view["cost"]["engine_calls"] == 1
    assert view["cost"]["engine_usd"] == pytest.approx(0.0003)
    assert view["cost"]["usd"] > 0.0003
    again = caller.post(WORKFLOWS, {"workflow_type": "classification", "input_data": input_data})
    assert again.json()["cached"] is True
    assert len(server.requests) == 1


def test_a_hybrid_asks_each_service_by_its_own_prompt(server, caller):
    def reply(request):
        if request.path.endswith("/embeddings"):
            rows = [{"index": n, "embedding": [1.0] + [0.0] * 383} for n in range(len(request.body["input"]))]
            return Reply(body={"data": rows, "usage": {"prompt_tokens": 5}})
        return classified(request) if "The projects:" in request.document else notes(request)

    server.reply = reply
    standup = {**STANDUP, "title": f"Stand-up {uuid.uuid4().hex}"}
    view = caller.run("hybrid", {**standup, "projects": PROJECTS})
    assert view["result"]["meeting_intelligence"]["engine"]["name"] == "house", view
    items = view["result"]["meeting_intelligence"]["action_items"]
    ours = next(item for item in items if item["text"] == "Jamal will update the landing page.")
    assert (ours["assignee"], ours["due_date"], ours["segment_index"]) == ("Jamal", "2026-05-08", 1)
    assert not [item for item in items if "resign" in item["text"]]
    assert view["result"]["embeddings"]["model"] == "test-embedder"


def test_a_server_that_fails_is_asked_three_times_in_all_and_the_next_engine_answers(server, caller):
    server.reply = lambda request: Reply(503, {}, {"Retry-After": "0"})
    view = caller.run("classification", work())
    assert view["status"] == "completed", view["errors"]
    assert len(server.requests) == 3
    assert view["result"]["engine"]["name"] == "embedded"
    assert view["result"]["project_id"] == "p-harbour"
    (passed,) = view["result"]["passed_over"]
    assert (passed["engine"], passed["error"]) == ("house", "EngineUnavailableError")
    assert "HTTP 503" in passed["reason"]
    assert view["cost"]["engine_calls"] == 3


def test_a_stand_ins_answer_is_not_cached(server, caller):
    server.reply = lambda request: Reply(403)
    input_data = work()
    caller.run("classification", input_data)
    server.reply = classified
    view = caller.run("classification", input_data)
    assert view["cached"] is False
    assert view["result"]["engine"]["name"] == "house"


@pytest.mark.parametrize("failure", [(503, "EngineUnavailableError", 503, 3), (401, "EngineFailedError", 502, 1)])
def test_without_another_engine_the_error_has_its_kind_and_is_not_tried_again(server, strict, failure):
    status, code, answered, calls = failure
    server.reply = lambda request: Reply(status, {"error": "nothing of this"}, {"Retry-After": "0"})
    view = strict.run("classification", work())
    assert (view["status"], [error["code"] for error in view["errors"]]) == ("failed", [code])
    assert "house" in view["errors"][0]["message"]
    assert len(server.requests) == calls
    response = strict.post(DIRECT, work())
    assert response.status_code == answered
    assert response.headers["Content-Type"] == "application/problem+json"
    assert f"HTTP {status}" in response.json()["detail"]
    assert "nothing of this" not in response.text
    assert len(server.requests) == 2 * calls


def test_other_tenants_are_not_asked_for(server, stack):
    other = Client(stack.api_url, stack.token(sub="alice", tenant=f"other-{uuid.uuid4().hex[:8]}"))
    assert other.post(DIRECT, work()).json()["engine"]["name"] == "embedded"
    assert server.requests == []


def test_each_request_is_in_cloudwatch(server, stack, caller):
    server.reply = classified
    caller.post(DIRECT, work())
    cloudwatch = stack.client("cloudwatch")

    def named():
        return {metric["MetricName"] for metric in cloudwatch.list_metrics(Namespace="BeSunny")["Metrics"]}

    until(named, lambda names: {"EngineCalls", "EngineInputTokens", "EngineUsd"} <= names, within=30)


@pytest.fixture
def held(server):
    """The server holds each answer back until the test lets it go; then it fails in a way that is tried again."""
    released = threading.Event()

    def reply(_request):
        released.wait(60)
        return Reply(503, {}, {"Retry-After": "0"})

    server.reply = reply
    yield released
    released.set()


def audit(stack, workflow_id):
    """The audit records of a workflow, in order."""
    found = stack.client("dynamodb").query(
        TableName=stack.outputs["WorkflowsTableName"],
        KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
        ExpressionAttributeValues={":pk": {"S": f"W#{workflow_id}"}, ":sk": {"S": "AUDIT#"}},
    )
    return [from_item(item) for item in found["Items"]]


@pytest.mark.parametrize("kind", ["workflow", "batch"])
def test_a_cancel_during_an_engines_call_is_the_last_that_the_engine_hears_of_it(server, held, stack, caller, kind):
    work_of_two = [{"workflow_type": "classification", "input_data": work()} for _ in range(2)]
    if kind == "batch":
        made = caller.post(f"{WORKFLOWS}/batch", work_of_two).json()["batch_id"]
    else:
        made = caller.submit(**work_of_two[0])["workflow_id"]
    asked = until(lambda: len(server.requests), lambda count: count == len(work_of_two) - (kind == "workflow"))
    begun = time.monotonic()
    answer = caller.call("DELETE", f"{WORKFLOWS}/{made}")
    assert time.monotonic() - begun < 5
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    held.set()
    with pytest.raises(AssertionError, match="not within"):
        until(lambda: len(server.requests), lambda count: count > asked, within=4)
    view = caller.status(made)
    assert (view["status"], view["result"]) == ("cancelled", None)
    assert view["progress"] == {**view["progress"], "done": 0, "failed": 0, "cancelled": view["progress"]["total"]}
    first, *_, last = audit(stack, made)
    assert (last["action"], last["detail"]["step"]) == (
        "cancelled",
        "classification" if kind == "workflow" else "items",
    )
    assert last["actor"] == first["actor"]
    health = caller.get("/v1/ai-orchestration/services/health").json()
    assert (health["running"], health["services"]["classification"]["capacity_available"]) == (0, True)
