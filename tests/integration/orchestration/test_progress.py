"""Progress and cancelling: the figures add up whenever one looks, and say what the transaction of the end said."""

from functools import partial

import pytest

from besunny.errors import NotWantedError
from besunny.orchestration.cancellation import cancel_workflow
from besunny.orchestration.endings import settle_ended_execution
from besunny.orchestration.ledger import Ledger
from besunny.orchestration.records import Status
from besunny.orchestration.table import Table
from besunny.orchestration.view import full_view, owned
from tests.integration.orchestration.conftest import MEETING, answer, note, user


def view(stack, workflow_id):
    return full_view(stack.parts, owned(stack.parts, workflow_id, user()), now=stack.now)


def figures(stack, workflow_id):
    """total, done, failed, cancelled."""
    return tuple(view(stack, workflow_id).progress.model_dump().values())


def cancel(stack, workflow_id):
    return cancel_workflow(stack.parts, workflow_id, user(), now=stack.now)


def cancel_while_running(stack, item):
    """An item that its owner cancels while its task computes."""

    def cancelled_meanwhile(service, request, tenant_id, owner, wanted):
        cancel(stack, item["workflow_id"])
        return answer(service, request, tenant_id, owner, wanted)

    stack.run(item["tasks"][0], cancelled_meanwhile)


def before_it(monkeypatch, kind, method, act):
    """Let something happen in the moment before the first call of a method."""
    real = getattr(kind, method)
    waiting = [act]

    def called(self, *arguments, **options):
        if waiting:
            waiting.pop()()
        return real(self, *arguments, **options)

    monkeypatch.setattr(kind, method, called)


@pytest.fixture
def batch(stack):
    """A running batch of five, of which one is done, one failed, and one was cancelled by itself."""
    made = stack.batch(*map(note, range(5))).workflow_id
    items = stack.items(made)
    assert figures(stack, made) == (5, 0, 0, 0)
    stack.run_item(items[0])
    stack.failing.add("classification")
    stack.run_item(items[1])
    stack.failing.clear()
    assert figures(stack, made) == (5, 1, 1, 0)
    cancel_while_running(stack, items[2])
    assert figures(stack, made) == (5, 1, 1, 1)
    return made


def test_the_rest_of_a_cancelled_batch_is_cancelled(stack, batch):
    answered = cancel(stack, batch)
    assert tuple(answered.progress.model_dump().values()) == (5, 1, 1, 3) == figures(stack, batch)
    assert answered.cancelled_at_step == "items (3 of 5 ended)" == view(stack, batch).cancelled_at_step


def test_the_rest_of_a_batch_that_timed_out_has_failed(stack, batch):
    settle_ended_execution(stack.parts, {"detail": {"name": f"{batch}-1", "status": "TIMED_OUT"}}, now=stack.now)
    assert figures(stack, batch) == (5, 1, 3, 1)


def test_a_batch_of_which_an_item_was_cancelled_is_not_complete(stack, batch):
    carried = stack.carried(batch)
    for item in stack.items(batch)[3:]:
        stack.run_item(item)
    assert stack.settle(carried) is Status.PARTIALLY_COMPLETED
    assert figures(stack, batch) == (5, 3, 1, 1)


@pytest.mark.parametrize(("fails", "end"), [(False, Status.CANCELLED), (True, Status.FAILED)])
def test_a_batch_whose_items_were_all_cancelled_one_by_one_is_cancelled(stack, fails, end):
    made = stack.batch(*map(note, range(3))).workflow_id
    carried = stack.carried(made)
    for item in stack.items(made)[:2]:
        cancel_while_running(stack, item)
    if fails:
        stack.failing.add("classification")
        stack.run_item(stack.items(made)[2])
    else:
        cancel_while_running(stack, stack.items(made)[2])
    assert stack.settle(carried) is end
    assert figures(stack, made) == ((3, 0, 1, 2) if fails else (3, 0, 0, 3))


def test_what_ends_between_the_look_and_the_cancel_is_counted(stack, batch, monkeypatch):
    last = stack.items(batch)[4]
    before_it(monkeypatch, Ledger, "end", lambda: stack.run_item(last))
    answered = cancel(stack, batch)
    assert tuple(answered.progress.model_dump().values()) == (5, 2, 1, 2)
    assert answered.cancelled_at_step == "items (4 of 5 ended)"


def test_counters_read_before_the_end_are_not_shown_with_it(stack, batch, monkeypatch):
    """DynamoDB reads a Query's items one by one: here the batch is cancelled between its counters and its record."""
    real = Table.query_all
    waiting = [lambda: (stack.run_item(stack.items(batch)[3]), cancel(stack, batch))]

    def torn(self, condition, values, **options):
        before = list(real(self, condition, values, **options))
        if waiting:
            waiting.pop()()
        after = {item["sk"]: item for item in real(self, condition, values, **options)} if not waiting else {}
        yield from (after[item["sk"]] if item["sk"] == "WORKFLOW" and after else item for item in before)

    with monkeypatch.context() as patch:
        patch.setattr(Table, "query_all", torn)
        loaded = stack.parts.store.load(batch)
    assert loaded.record.status is Status.CANCELLED
    assert (loaded.done, loaded.failed, loaded.cancelled) == (2, 1, 1)


def test_an_answer_stored_before_the_cancel_is_no_step_that_was_cancelled(stack, monkeypatch):
    made = stack.create("hybrid", MEETING).workflow_id
    event = {**stack.carried(made), "service": "classification"}
    before_it(monkeypatch, Ledger, "end", lambda: stack.run(event))
    answered = cancel(stack, made)
    assert answered.cancelled_at_step == "meeting_intelligence, embeddings" == stack.record(made).cancelled_at_step
    assert tuple(answered.progress.model_dump().values()) == (3, 1, 0, 2) == figures(stack, made)


def test_services_of_one_workflow_add_up_too(stack):
    made = stack.create("hybrid", MEETING).workflow_id
    assert figures(stack, made) == (3, 0, 0, 0)
    settle_ended_execution(stack.parts, {"detail": {"name": f"{made}-1", "status": "TIMED_OUT"}}, now=stack.now)
    assert figures(stack, made) == (3, 0, 3, 0)


def asking_twice(stack, asked, between):
    """An engine that is asked twice, each time only if it is still wanted; something happens after the first time."""

    def run(service, request, tenant_id, owner, wanted):
        for act in (between, list):
            if not wanted():
                raise NotWantedError("the answer is no longer awaited")
            asked.append(service)
            act()
        return answer(service, request, tenant_id, owner, wanted)

    return run


@pytest.mark.parametrize("kind", ["one", "item", "batch", "ended otherwise"])
def test_what_is_cancelled_while_an_engine_is_asked_asks_no_more(stack, kind):
    asked = []
    if kind in ("item", "batch"):
        made = stack.batch(note(0), note(1)).workflow_id
        (task,) = stack.items(made)[0]["tasks"]
        ended = task["workflow_id"] if kind == "item" else made
    else:
        ended = made = stack.create().workflow_id
        task = stack.carried(made)
    event = {"detail": {"name": f"{made}-1", "status": "ABORTED"}}
    end = partial(settle_ended_execution, stack.parts, event, now=stack.now)
    between = end if kind == "ended otherwise" else partial(cancel, stack, ended)
    assert stack.run(task, asking_twice(stack, asked, between))["superseded"]
    assert asked == ["classification"]
    assert stack.parts.store.load(task["workflow_id"]).results == {}


def test_what_is_wanted_is_asked_to_the_end(stack):
    asked = []
    made = stack.create().workflow_id
    stack.run(stack.carried(made), asking_twice(stack, asked, list))
    assert (asked, view(stack, made).status) == (["classification"] * 2, Status.COMPLETED)
