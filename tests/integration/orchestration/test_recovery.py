"""The reconciler after faults, and batches: what a crash leaves behind is found, and counted only once."""

import pytest
from moto.stepfunctions.models import stepfunctions_backends

from besunny.errors import ConflictError, InvalidInputError
from besunny.orchestration.cancellation import cancel_workflow
from besunny.orchestration.endings import settle_ended_execution
from besunny.orchestration.listing import list_items, list_workflows
from besunny.orchestration.models import RerunRequest
from besunny.orchestration.reconciliation import reconcile
from besunny.orchestration.records import Status
from besunny.orchestration.repetition import rerun_workflow
from besunny.orchestration.view import full_view, owned
from tests.integration.orchestration.conftest import DOCUMENT, MEETING, answer, note, user

RESTARTED = "States.ServiceRestart"


def view(stack, workflow_id):
    return full_view(stack.parts, owned(stack.parts, workflow_id, user()), now=stack.now)


def end_execution(stack, name, status="FAILED", error="States.Runtime", machine="service"):
    """End an execution at the test's time, with nothing settled."""
    machines = stepfunctions_backends["123456789012"]["us-east-1"].state_machines
    execution = next(e for m in machines if m.name == machine for e in m.executions if e.name == name)
    execution.status, execution.stop_date, execution.error = status, stack.now, error
    return {"detail": {"name": name, "status": status, "error": error, "cause": None}}


def test_an_execution_that_never_started_is_started(stack, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(type(stack.parts.executions), "start", lambda self, record: None)
        made = stack.create().workflow_id
    assert stack.executions() == {}
    assert reconcile(stack.parts, now=stack.now).repaired == {}  # it may still be on its way
    stack.pass_time(seconds=30)
    assert reconcile(stack.parts, now=stack.now).repaired == {"execution_started": 1}
    assert stack.executions() == {f"{made}-1": "RUNNING"}


@pytest.mark.parametrize("by_event", [True, False])
@pytest.mark.parametrize(
    ("status", "error", "ends"),
    [
        ("FAILED", "States.Runtime", Status.FAILED),
        ("ABORTED", None, Status.FAILED),
        ("TIMED_OUT", None, Status.TIMED_OUT),
        ("FAILED", RESTARTED, Status.RUNNING),
    ],
)
def test_an_end_that_settled_nothing_has_one_outcome_whoever_finds_it(stack, by_event, status, error, ends):
    made = stack.create().workflow_id
    stack.pass_time(minutes=40)  # the lease has expired too: how the execution ended says more
    event = end_execution(stack, f"{made}-1", status, error)
    if by_event:
        settle_ended_execution(stack.parts, event, now=stack.now)
    else:
        if status != "TIMED_OUT":  # moto gives no stopDate of one that timed out
            assert reconcile(stack.parts, now=stack.now).repaired == {}  # its event may be on the way
            assert stack.record(made).attempt == 1
        stack.pass_time(seconds=21)
        reconcile(stack.parts, now=stack.now)
    assert stack.record(made).status is ends
    repeated = ends is Status.RUNNING
    assert stack.leases() == ([f"{made}-2"] if repeated else [])
    assert (f"{made}-2" in stack.executions()) is repeated


def test_restarts_repeat_a_workflow_a_bounded_number_of_times(stack):
    made = stack.create().workflow_id
    old = stack.carried(made)
    for attempt in (1, 2, 3):
        assert (stack.record(made).status, stack.record(made).attempt) == (Status.RUNNING, attempt)
        settle_ended_execution(stack.parts, end_execution(stack, f"{made}-{attempt}", error=RESTARTED), now=stack.now)
    assert stack.record(made).status is Status.FAILED
    assert stack.leases() == []
    assert stack.finish(made, old) is None


def test_a_late_result_of_an_old_attempt_is_refused(stack):
    made = stack.create().workflow_id
    old = stack.carried(made)
    end_execution(stack, f"{made}-1", error=RESTARTED)
    stack.pass_time(minutes=1)
    assert reconcile(stack.parts, now=stack.now).repaired == {"repeated": 1}
    assert stack.record(made).attempt == 2
    assert stack.finish(made, old) is None
    assert stack.record(made).status is Status.RUNNING
    assert stack.finish(made) is Status.COMPLETED


def test_a_lease_that_expired_is_taken_back(stack):
    made = stack.create().workflow_id
    stack.pass_time(minutes=40)
    report = reconcile(stack.parts, now=stack.now)
    assert (report.repaired, report.started) == ({"repeated": 1}, 0)
    assert stack.executions() == {f"{made}-1": "ABORTED", f"{made}-2": "RUNNING"}
    assert stack.leases() == [f"{made}-2"]


@pytest.mark.parametrize("limits", [(1, 1)])
def test_queued_work_with_free_slots_is_started(stack, monkeypatch, limits):
    first = stack.create().workflow_id
    second = stack.create("meeting_intelligence", MEETING).workflow_id
    with monkeypatch.context() as patch:  # the settling process dies before it looks at the queue
        patch.setattr(type(stack.parts.admission), "dispatch", lambda self, **_: [])
        stack.finish(first)
    assert stack.record(second).status is Status.QUEUED
    assert reconcile(stack.parts, now=stack.now).started == 1
    assert stack.record(second).status is Status.RUNNING


def test_a_batch_counts_each_item_once_and_answers_from_its_items(stack):
    made = stack.batch(note(0), {"workflow_type": "hybrid", "input_data": MEETING}, note(2))
    assert (made.total_workflows, made.batch_id) == (3, made.workflow_id)
    carried = stack.carried(made.workflow_id)
    items = stack.items(made.workflow_id)
    assert stack.run_item(items[0]) is Status.COMPLETED
    assert stack.run_item(items[0]) is None  # delivered twice
    assert stack.run_item(items[1]) is Status.COMPLETED
    progress = view(stack, made.workflow_id).progress
    assert (progress.total, progress.done, progress.failed) == (3, 2, 0)
    stack.failing.add("classification")
    assert stack.run_item(items[2]) is Status.FAILED  # its task never began
    assert stack.settle(carried) is Status.PARTIALLY_COMPLETED
    done = view(stack, made.workflow_id)
    assert (done.progress.done, done.progress.failed) == (2, 1)
    assert ["Note 0: béton" in str(item.result) for item in done.results] == [True, False, False]
    assert [str(item.status) for item in done.results] == ["completed", "completed", "failed"]
    assert stack.leases() == []
    first = list_items(stack.parts, made.workflow_id, user(), limit=2, position=None)
    rest = list_items(stack.parts, made.workflow_id, user(), limit=2, position=first.position)
    assert [item.workflow_id for item in [*first.workflows, *rest.workflows]] == [i["workflow_id"] for i in items]


def test_nothing_of_a_cancelled_batch_can_end_or_begin(stack):
    made = stack.batch(note(0), note(1), note(2))
    items = stack.items(made.workflow_id)
    stack.run_item(items[0])

    def cancelled_meanwhile(service, request, tenant_id, owner, wanted):
        cancel_workflow(stack.parts, made.workflow_id, user(), now=stack.now)
        return answer(service, request, tenant_id, owner, wanted)

    stack.run(items[1]["tasks"][0], cancelled_meanwhile)

    def never(service, request, tenant_id, owner, wanted):
        raise AssertionError("an engine was called after the cancel")

    stack.run(items[2]["tasks"][0], never)
    assert stack.run_item(items[2]) is None
    assert view(stack, items[1]["workflow_id"]).status is Status.CANCELLED
    shown = view(stack, made.workflow_id)
    assert shown.status is Status.CANCELLED
    assert shown.progress.model_dump() == {"total": 3, "done": 1, "failed": 0, "cancelled": 2}
    assert stack.leases() == []


def test_a_wrong_item_is_named_and_none_runs(stack):
    with pytest.raises(InvalidInputError) as caught:
        stack.batch(note(0), {"workflow_type": "classification", "input_data": {"content": ""}}, {"workflow_type": "x"})
    fields = [error.field for error in caught.value.errors]
    assert fields[0].startswith("workflows.1.input_data.")
    assert fields[1] == "workflows.2.workflow_type"
    assert stack.executions() == {}


def test_a_rerun_repeats_only_what_failed(stack):
    made = stack.create("hybrid", MEETING)
    with pytest.raises(ConflictError):
        rerun_workflow(stack.parts, made.workflow_id, RerunRequest(), user(), now=stack.now)
    stack.failing.add("embeddings")
    stack.finish(made.workflow_id)
    stack.failing.clear()
    again = rerun_workflow(stack.parts, made.workflow_id, RerunRequest(), user(), now=stack.now)
    assert again.reused == ["classification", "meeting_intelligence"]
    wanted = stack.carried(again.workflow_id)["services"]
    assert [name for name, on in wanted.items() if on] == ["embeddings"]
    assert stack.finish(again.workflow_id) is Status.COMPLETED
    shown = view(stack, again.workflow_id)
    assert {"classification", "meeting_intelligence", "embeddings", "combined"} == shown.result.keys()
    assert view(stack, made.workflow_id).status is Status.PARTIALLY_COMPLETED


@pytest.mark.parametrize("limits", [(50, 50)])
def test_lists_go_newest_first_page_by_page_with_and_without_a_filter(stack, limits):
    ids = []
    for number in range(7):
        stack.pass_time(seconds=1)
        owner = user() if number % 2 else user("bob")
        ids.append(stack.create(data={**DOCUMENT, "content": f"n {number}"}, caller=owner).workflow_id)
    stack.finish(ids[1])

    def pages(caller, status=None, limit=2):
        found, cursor = [], None
        while True:
            page = list_workflows(stack.parts, caller, status=status, limit=limit, position=cursor)
            found += [entry.workflow_id for entry in page.workflows]
            cursor = page.position
            if cursor is None:
                return found

    from besunny.api.principal import Role

    assert pages(user()) == [ids[5], ids[3], ids[1]]
    assert pages(user("carol", role=Role.ANALYST)) == ids[::-1]
    assert pages(user(), Status.RUNNING, limit=1) == [ids[5], ids[3]]
    assert pages(user("carol", role=Role.ANALYST), Status.RUNNING, limit=1) == [i for i in ids[::-1] if i != ids[1]]
    assert pages(user(tenant="globex")) == []


def test_one_lease_that_cannot_be_repaired_does_not_stop_the_others(stack, monkeypatch, capsys):
    bad, good = (stack.create(data={**DOCUMENT, "content": text}).workflow_id for text in ("bad", "good"))
    monkeypatch.setattr(stack.parts.leases, "taken", lambda taken=stack.parts.leases.taken: sorted_by(taken(), bad))
    whole = type(stack.parts.store).record

    def record(self, workflow_id):
        if workflow_id == bad:
            raise ValueError("its record cannot be read")
        return whole(self, workflow_id)

    stack.pass_time(minutes=40)
    with monkeypatch.context() as patch:
        patch.setattr(type(stack.parts.store), "record", record)
        with pytest.raises(ExceptionGroup) as caught:
            reconcile(stack.parts, now=stack.now)
    assert [str(error) for error in caught.value.exceptions] == ["its record cannot be read"]
    assert stack.record(good).attempt == 2
    printed = capsys.readouterr().out
    assert '"RepairsFailed":[1.0]' in printed
    assert "WaitingWithFreeSlots" in printed


def sorted_by(leases, first):
    return sorted(leases, key=lambda lease: lease.workflow_id != first)
