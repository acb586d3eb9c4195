"""Who starts next among many tenants, and what looking for it costs."""

import pytest

from besunny.orchestration.records import Status
from tests.integration.orchestration.conftest import DOCUMENT, user


def queue(stack, tenant, number=0):
    data = {**DOCUMENT, "content": f"{tenant} {number}"}
    return stack.create(data=data, caller=user(tenant=tenant)).workflow_id


def running(stack, ids):
    return [workflow_id for workflow_id in ids if stack.record(workflow_id).status is Status.RUNNING]


@pytest.mark.parametrize("limits", [(1, 1)])
def test_a_tenant_beyond_the_first_in_name_order_has_its_turn(stack, monkeypatch, limits):
    monkeypatch.setattr(type(stack.parts.store).heads, "__kwdefaults__", {"after": None, "tenants": 2})
    tenants = ("a", "b", "c", "z")
    ids = [queue(stack, tenant, number) for tenant in tenants for number in range(3)]
    had = set()
    for _ in range(len(tenants) + 1):
        for workflow_id in running(stack, ids):
            had.add(stack.record(workflow_id).tenant_id)
            stack.finish(workflow_id)
    assert had == set(tenants)


@pytest.mark.parametrize("limits", [(3, 3)])
def test_the_queue_is_looked_at_once_a_round_and_a_few_are_started(stack, monkeypatch, limits):
    monkeypatch.setattr(type(stack.parts.admission), "dispatch", lambda self, **_: [])
    first = [queue(stack, "a", number) for number in range(3)]
    waiting = [queue(stack, tenant, number) for tenant in "bcd" for number in range(2)]
    for workflow_id in first:
        stack.finish(workflow_id)
    monkeypatch.undo()
    heads, looks = type(stack.parts.store).heads, []
    monkeypatch.setattr(type(stack.parts.store), "heads", lambda self, **kw: looks.append(kw) or heads(self, **kw))
    stack.parts.admission.dispatch(actor="test", now=stack.now, most=2)
    assert len(running(stack, waiting)) == 2
    assert len(looks) == 1


@pytest.mark.parametrize("limits", [(2, 2)])
def test_a_head_that_the_index_still_shows_does_not_end_the_search(stack, monkeypatch, limits):
    monkeypatch.setattr(type(stack.parts.admission), "dispatch", lambda self, **_: [])
    first = [queue(stack, "a", number) for number in range(2)]
    ids = [queue(stack, "a", number) for number in (2, 3)]
    stale = stack.parts.store.heads()
    for workflow_id in first:
        stack.finish(workflow_id)
    monkeypatch.undo()
    stack.parts.admission.dispatch(actor="test", now=stack.now, most=1)
    assert len(running(stack, ids)) == 1
    monkeypatch.setattr(type(stack.parts.store), "heads", lambda self, **_: stale)
    stack.parts.admission.dispatch(actor="test", now=stack.now)
    assert running(stack, ids) == ids
