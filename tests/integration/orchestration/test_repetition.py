"""Reruns: what is repeated, what is reused and what that saved, edited input, and batches."""

import pytest

from besunny.errors import ConflictError, InvalidInputError
from besunny.orchestration.models import RerunRequest
from besunny.orchestration.records import Status
from besunny.orchestration.repetition import rerun_workflow
from besunny.orchestration.view import full_view, owned
from tests.integration.orchestration.conftest import DOCUMENT, MEETING, note, user


def view(stack, workflow_id):
    return full_view(stack.parts, owned(stack.parts, workflow_id, user()), now=stack.now)


def rerun(stack, workflow_id, **request):
    return rerun_workflow(stack.parts, workflow_id, RerunRequest(**request), user(), now=stack.now)


@pytest.fixture
def partial_hybrid(stack):
    """A hybrid whose embeddings failed."""
    made = stack.create("hybrid", MEETING).workflow_id
    stack.failing.add("embeddings")
    stack.finish(made)
    stack.failing.clear()
    return made


def test_a_rerun_says_what_it_reused_and_what_that_saved(stack, partial_hybrid):
    again = rerun(stack, partial_hybrid)
    assert again.reused == ["classification", "meeting_intelligence"]
    outcomes = stack.parts.store.load(partial_hybrid).outcomes
    took = sum(outcomes[service].processing_time_ms for service in again.reused)
    assert again.saved.milliseconds == pytest.approx(took, abs=0.001)
    assert again.saved.usd == pytest.approx(took * 1769 / 1024 / 1000 * 13.3334e-6, rel=0.01, abs=1e-9)
    assert stack.finish(again.workflow_id) is Status.COMPLETED
    assert view(stack, partial_hybrid).status is Status.PARTIALLY_COMPLETED
    assert view(stack, again.workflow_id).saved == again.saved


def test_a_rerun_of_a_rerun_reuses_what_that_one_reused(stack, partial_hybrid):
    stack.failing.add("embeddings")
    once = rerun(stack, partial_hybrid).workflow_id
    assert stack.finish(once) is Status.PARTIALLY_COMPLETED
    stack.failing.clear()
    twice = rerun(stack, once)
    assert (twice.rerun_of, twice.reused) == (once, ["classification", "meeting_intelligence"])
    assert stack.finish(twice.workflow_id) is Status.COMPLETED
    assert view(stack, twice.workflow_id).result.keys() == {*twice.reused, "embeddings", "combined"}


def test_edited_input_is_merged_checked_and_answered_anew(stack):
    made = stack.create().workflow_id
    stack.finish(made)
    again = rerun(stack, made, input_data={"content": "The clinic opens in May.", "subject": "Clinic"})
    assert (again.rerun_of, again.reused, again.saved) == (made, [], None)
    stack.finish(again.workflow_id)
    seen = view(stack, again.workflow_id).result["seen"]
    assert "The clinic opens in May." in seen
    assert '"p1"' in seen  # the projects of the old input
    assert "bridge piers" in view(stack, made).result["seen"]
    with pytest.raises(InvalidInputError) as caught:
        rerun(stack, made, input_data={"content": ""})
    assert caught.value.errors[0].field.startswith("input_data.")
    with pytest.raises(InvalidInputError):
        rerun(stack, made, input_data={"content": None})


def test_of_edited_input_only_named_services_run_and_none_is_reused(stack, partial_hybrid):
    again = rerun(stack, partial_hybrid, services=["classification"], input_data={"title": "Another"})
    assert again.reused == []
    assert stack.finish(again.workflow_id) is Status.COMPLETED
    assert view(stack, again.workflow_id).result.keys() == {"classification", "combined"}


@pytest.fixture
def batch(stack):
    """A batch of five that has ended: two done, one failed, one cancelled, one not begun."""
    made = stack.batch(*map(note, range(5))).workflow_id
    items = stack.items(made)
    stack.run_item(items[0])
    stack.run_item(items[1])
    stack.failing.add("classification")
    stack.run_item(items[2])
    stack.failing.clear()
    stack.settle(stack.carried(made))
    return made


def test_a_batch_repeats_the_items_that_gave_no_result(stack, batch):
    again = rerun(stack, batch)
    assert (again.total_workflows, again.rerun_of, again.batch_id) == (3, batch, again.workflow_id)
    for item in stack.items(again.workflow_id):
        assert stack.run_item(item) is Status.COMPLETED
    assert stack.settle(stack.carried(again.workflow_id)) is Status.COMPLETED
    done = view(stack, again.workflow_id)
    assert [item.item_index for item in done.results] == [2, 3, 4]
    assert all(f"Note {item.item_index}" in item.result["seen"] for item in done.results)
    assert {item.rerun_of for item in done.results} == {item["workflow_id"] for item in stack.items(batch)[2:]}
    assert view(stack, batch).progress.model_dump() == {"total": 5, "done": 2, "failed": 3, "cancelled": 0}
    with pytest.raises(ConflictError, match="every item"):
        rerun(stack, again.workflow_id)


def test_items_of_a_batch_may_be_named(stack, batch):
    assert rerun(stack, batch, items=[0, 2]).total_workflows == 2


@pytest.mark.parametrize(
    ("request_", "field"),
    [({"items": [5]}, "items"), ({"items": []}, "items"), ({"services": ["classification"]}, "services"),
     ({"input_data": {"content": "x"}}, "input_data")],
)  # fmt: skip
def test_what_a_batch_cannot_repeat_is_named(stack, batch, request_, field):
    with pytest.raises(InvalidInputError) as caught:
        rerun(stack, batch, **request_)
    assert caught.value.errors[0].field == field


def test_a_running_batch_is_not_repeated_nor_are_items_of_what_is_none(stack):
    with pytest.raises(ConflictError, match="running"):
        rerun(stack, stack.batch(note(0)).workflow_id)
    made = stack.create(data={**DOCUMENT, "content": "Alone"}).workflow_id
    stack.finish(made)
    with pytest.raises(InvalidInputError):
        rerun(stack, made, items=[0])
