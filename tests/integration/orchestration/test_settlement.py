"""Settling what is large, empty, or settled while the queue cannot be looked at."""

import json

import pytest
from botocore.exceptions import EndpointConnectionError

from besunny.aws import clients
from besunny.orchestration.cancellation import cancel_workflow
from besunny.orchestration.endings import settle_ended_execution, settle_last_state
from besunny.orchestration.reconciliation import reconcile
from besunny.orchestration.records import Status
from besunny.orchestration.view import full_view, owned
from tests.integration.orchestration.conftest import MEETING, user


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
    stack.parts.store.put_result(record, kept)
    return made


def test_a_large_combined_result_is_kept_by_reference_and_cached_by_it(stack, many_items):
    carried = stack.carried(many_items)
    others = {**carried["services"], "meeting_intelligence": False}
    branches = stack.run_tasks({**carried, "services": others})
    assert settle_last_state(stack.parts, {**carried, "branches": branches}, now=stack.now) is Status.COMPLETED
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


def test_outcomes_are_counted_although_the_queue_cannot_be_looked_at(stack, monkeypatch):
    made = stack.create().workflow_id
    monkeypatch.setattr(type(stack.parts.admission), "dispatch", unreachable)
    with pytest.raises(EndpointConnectionError):
        stack.finish(made)
    assert stack.parts.store.outcomes("classification", now=stack.now).count == 1


def test_where_nothing_ran_nothing_is_completed(stack):
    made = stack.create().workflow_id
    carried = stack.carried(made)
    skipped = [{"service": service, "skipped": True} for service in carried["services"]]
    assert settle_last_state(stack.parts, {**carried, "branches": skipped}, now=stack.now) is Status.FAILED
    assert [(error.service, error.code) for error in view(stack, made).errors] == [("classification", "NotRun")]


def test_a_branch_that_never_ran_is_missed(stack):
    made = stack.create("hybrid", MEETING).workflow_id
    carried = stack.carried(made)
    branches = stack.run_tasks({**carried, "services": {**carried["services"], "embeddings": False}})
    assert settle_last_state(stack.parts, {**carried, "branches": branches}, now=stack.now) is (
        Status.PARTIALLY_COMPLETED
    )
    assert [error.service for error in view(stack, made).errors] == ["embeddings"]
