"""Settling what is large, empty, or settled while the queue cannot be looked at."""

import json

import pytest
from botocore.exceptions import EndpointConnectionError

from besunny.aws import clients
from besunny.orchestration.cancellation import cancel_workflow
from besunny.orchestration.endings import settle_ended_execution
from besunny.orchestration.outcomes import Outcome
from besunny.orchestration.reconciliation import reconcile
from besunny.orchestration.records import Status
from besunny.orchestration.view import full_view, owned
from tests.integration.orchestration.conftest import MEETING, tasks_of, user


def view(stack, workflow_id):
    return full_view(stack.parts, owned(stack.parts, workflow_id, user()), now=stack.now)


@pytest.fixture
def many_items(stack):
    """A running hybrid whose meeting gave 5,000 action items, stored as its task would."""
    made = stack.create("hybrid", MEETING).workflow_id
    record = stack.record(made)
    item = {"text": "I will send the plan of the bridge piers by Friday, " * 3, "owner": "Ana", "deadline": None}
    body = json.dumps({"action_items": [{**item, "id": n, "quote": f"quote {n}"} for n in range(5_000)]})
    kept = stack.parts.documents.keep_result(
        tenant_id="acme", workflow_id=made, attempt=1, service="meeting_intelligence", body=body
    )
    stack.parts.store.put_outcome(record, Outcome(service="meeting_intelligence"), kept)
    return made


def test_a_large_combined_result_is_kept_by_reference_and_cached_by_it(stack, many_items):
    assert stack.finish(many_items) is Status.COMPLETED
    combined = view(stack, many_items).result["combined"]
    assert len(combined["action_items"]) == 5_000
    again = stack.create("hybrid", MEETING)
    assert again.cached
    assert again.result["combined"] == combined


def test_a_timeout_combines_nothing(stack, many_items):
    event = {"detail": {"name": f"{many_items}-1", "status": "TIMED_OUT"}}
    assert settle_ended_execution(stack.parts, event, now=stack.now) is Status.TIMED_OUT
    assert stack.record(many_items).combined is None


def unreachable(*_, **__):
    raise EndpointConnectionError(endpoint_url="https://states")


def test_work_whose_start_was_lost_exists_and_the_reconciler_starts_it(stack, monkeypatch, capsys):
    with monkeypatch.context() as patch:
        patch.setattr(clients.stepfunctions(), "start_execution", unreachable)
        made = stack.create()
    assert (made.status, stack.executions()) == (Status.RUNNING, {})
    assert '"ExecutionsNotStarted":[1.0]' in capsys.readouterr().out
    stack.pass_time(seconds=30)
    reconcile(stack.parts, now=stack.now)
    assert stack.executions() == {f"{made.workflow_id}-1": "RUNNING"}


def test_a_cancel_stands_although_its_execution_could_not_be_stopped(stack, monkeypatch, capsys):
    made = stack.create().workflow_id
    carried = stack.carried(made)
    monkeypatch.setattr(clients.stepfunctions(), "stop_execution", unreachable)
    assert cancel_workflow(stack.parts, made, user(), now=stack.now).status is Status.CANCELLED
    assert '"ExecutionsNotStopped":[1.0]' in capsys.readouterr().out
    assert stack.finish(made, carried) is None


def test_an_end_stands_although_the_queue_cannot_be_looked_at(stack, monkeypatch, capsys):
    made = stack.create().workflow_id
    monkeypatch.setattr(type(stack.parts.admission), "dispatch", unreachable)
    assert stack.finish(made) is Status.COMPLETED
    assert '"DispatchesFailed":[1.0]' in capsys.readouterr().out
    assert stack.parts.store.outcomes("classification", now=stack.now).count == 1


def test_an_execution_that_broke_off_keeps_what_its_services_gave(stack):
    made = stack.create("hybrid", MEETING).workflow_id
    for task in tasks_of(stack.carried(made))[:2]:
        stack.run(task)
    event = {"detail": {"name": f"{made}-1", "status": "FAILED", "error": "States.Runtime"}}
    settle_ended_execution(stack.parts, event, now=stack.now)
    shown = view(stack, made)
    assert (shown.status, shown.services_used) == (Status.FAILED, ["classification", "meeting_intelligence"])
    assert [error.code for error in shown.errors] == ["Execution.FAILED"]


def test_a_service_delivered_twice_computes_once_and_counts_once(stack):
    made = stack.create("hybrid", MEETING).workflow_id
    first, *others = tasks_of(stack.carried(made))

    def never(service, request, tenant_id, owner, wanted):
        raise AssertionError("an engine was called again")

    stack.run(first)
    assert stack.run(first, never) == {"service": first["service"], "superseded": True}
    assert [stack.run(task).get("superseded") for task in others] == [None, None]
    assert view(stack, made).status is Status.COMPLETED
    assert stack.run(first, never)["superseded"]


def test_services_that_end_in_the_same_moment_end_the_workflow_once(stack):
    """Each finds another's outcome between its look and its write."""
    made = stack.create("hybrid", MEETING).workflow_id
    left = tasks_of(stack.carried(made))
    keep = type(stack.parts.settlement).keep

    def crowded(self, record, outcome, result, **options):
        if left:
            stack.run(left.pop())
        return keep(self, record, outcome, result, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(stack.parts.settlement), "keep", crowded)
        stack.run(left.pop())
    shown = view(stack, made)
    assert (shown.status, shown.progress.done, len(shown.result)) == (Status.COMPLETED, 3, 4)
    assert stack.leases() == []


def test_a_failure_said_of_a_service_whose_result_is_stored_changes_nothing(stack):
    made = stack.create("hybrid", MEETING).workflow_id
    tasks = tasks_of(stack.carried(made))
    stack.run(tasks[0])
    lost = {**tasks[0], "error": {"Error": "States.Timeout", "Cause": ""}}
    assert stack.settle(lost) is None
    for task in tasks[1:]:
        stack.run(task)
    assert (view(stack, made).status, view(stack, made).errors) == (Status.COMPLETED, [])
