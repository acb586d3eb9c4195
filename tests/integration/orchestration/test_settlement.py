"""Settling what is large, empty, or settled while the queue cannot be looked at."""

import json

import pytest

from besunny.orchestration.endings import settle_ended_execution, settle_last_state
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
