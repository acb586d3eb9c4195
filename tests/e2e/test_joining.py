"""Equal work in flight, end to end: many callers, one request to the engine; whoever leaves, the rest are answered."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.e2e.client import WORKFLOWS, Client, until
from tests.e2e.engines import WITHOUT_FALLBACK
from tests.e2e.samples import BRIDGE_MAIL, PROJECTS
from tests.fake_openai import Reply, chat

pytestmark = pytest.mark.e2e
MANY = 20


@pytest.fixture
def gate(engine_server):
    """The engine answers once this is set."""
    opened = threading.Event()

    def reply(request):
        opened.wait(60)
        label = next(line[2:4] for line in request.document.splitlines() if "Harbour bridge" in line)
        quote = "corrosion on four girders of the north span"
        empty = {"summary_quotes": [], "next_step_quotes": [], "tags": []}
        return chat(request, {"project": label, "quotes": [quote], **empty})

    engine_server.requests.clear()
    engine_server.reply = reply
    yield opened
    opened.set()
    engine_server.reply = lambda request: Reply(503)


@pytest.fixture
def callers(stack):
    return [Client(stack.api_url, stack.token(sub=f"user-{n}", tenant=WITHOUT_FALLBACK)) for n in range(5)]


def sent_at_once(callers):
    """The same new work, many times, by several users of one tenant; with each answer its caller."""
    document = {**BRIDGE_MAIL, "content_text": f"{BRIDGE_MAIL['content_text']} Reference {uuid.uuid4().hex}."}
    body = {"workflow_type": "classification", "input_data": {"document": document, "projects": PROJECTS}}
    who = [callers[number % len(callers)] for number in range(MANY)]
    with ThreadPoolExecutor(MANY) as pool:
        answers = list(pool.map(lambda caller: caller.post(WORKFLOWS, body), who))
    assert {answer.status_code for answer in answers} == {202}, [answer.text for answer in answers]
    return [(caller, answer.json()) for caller, answer in zip(who, answers, strict=True)]


def test_many_that_ask_the_same_at_once_are_one_execution(engine_server, gate, callers):
    sent = sent_at_once(callers)
    leaders = [view for _, view in sent if not view["joined"]]
    assert len(leaders) == 1
    assert {view["status"] for _, view in sent} <= {"running", "queued"}
    gate.set()
    ended = [caller.ended(view["workflow_id"]) for caller, view in sent]
    assert [view["status"] for view in ended] == ["completed"] * MANY
    assert all(view["result"] == ended[0]["result"] for view in ended)
    assert ended[0]["result"]["project_id"] == "p-harbour"
    assert len(engine_server.requests) == 1
    assert sum(view["cost"]["engine_calls"] for view in ended) == 1


def test_where_the_one_that_does_it_is_cancelled_another_does_it(engine_server, gate, callers):
    sent = sent_at_once(callers)
    ((owner, leader),) = [(caller, view) for caller, view in sent if not view["joined"]]
    until(lambda: len(engine_server.requests), lambda count: count == 1)
    assert owner.call("DELETE", f"{WORKFLOWS}/{leader['workflow_id']}").json()["status"] == "cancelled"
    until(lambda: len(engine_server.requests), lambda count: count == 2)
    gate.set()
    ended = [caller.ended(view["workflow_id"]) for caller, view in sent]
    assert sorted(view["status"] for view in ended) == ["cancelled", *["completed"] * (MANY - 1)]
    assert len(engine_server.requests) == 2
    assert len({str(view["result"]) for view in ended if view["result"]}) == 1
