"""The same work in flight is done once: who comes then joins it, whatever becomes of who does it."""

from datetime import timedelta

import boto3
import pytest

from besunny.errors import ConflictError
from besunny.orchestration import keys
from besunny.orchestration.cancellation import cancel_workflow
from besunny.orchestration.endings import settle_ended_execution
from besunny.orchestration.optimiser import OptimizeRequest, optimize_workflows
from besunny.orchestration.reconciliation import reconcile
from besunny.orchestration.records import Status
from besunny.orchestration.repetition import RerunRequest, rerun_workflow
from besunny.orchestration.view import full_view, owned
from tests.integration.orchestration.conftest import DOCUMENT, MEETING, NOW, user

OTHER = {**DOCUMENT, "content": "Something else altogether."}


def view(stack, workflow_id, caller=None):
    caller = caller or user()
    return full_view(stack.parts, owned(stack.parts, workflow_id, caller), now=stack.now)


def cancel(stack, workflow_id, caller=None):
    return cancel_workflow(stack.parts, workflow_id, caller or user(), now=stack.now)


def joined_places(stack):
    return list(stack.parts.store.table.query_all("pk = :pk", {":pk": keys.JOINED}))


def actions(stack, workflow_id):
    values = {":pk": keys.partition(workflow_id), ":audit": "AUDIT#"}
    entries = stack.parts.store.table.query_all("pk = :pk AND begins_with(sk, :audit)", values)
    return [(entry["action"], entry["actor"]) for entry in entries]


def test_what_comes_while_equal_work_runs_takes_no_lease_and_gets_its_answer(stack):
    leader = stack.create()
    followers = [stack.create(caller=user(sub=f"user-{number}")) for number in range(5)]
    assert leader.status is Status.RUNNING
    assert leader.joined is False
    for follower in followers:
        assert (follower.status, follower.joined, follower.cached) == (Status.QUEUED, True, False)
        assert (follower.waiting.position, follower.waiting.limited_by) == (0, "joined")
        assert follower.waiting.expected_start == leader.started_at
    assert len(stack.leases()) == len(stack.executions()) == 1

    stack.pass_time(seconds=3)
    stack.finish(leader.workflow_id)
    answer = view(stack, leader.workflow_id)
    for number, follower in enumerate(followers):
        ended = view(stack, follower.workflow_id, user(sub=f"user-{number}"))
        assert (ended.status, ended.result, ended.joined) == (Status.COMPLETED, answer.result, True)
        assert ended.engines == answer.engines
        assert ended.processing_time_ms == 3000
        assert ended.progress.done == ended.progress.total == 1
        assert 0 < ended.cost.usd < answer.cost.usd / 2
        assert ended.cost.lambda_gb_seconds == 0
        assert actions(stack, follower.workflow_id)[-1] == ("completed", "system:task")
    assert joined_places(stack) == []
    assert stack.leases() == []
    assert stack.create().cached is True


def test_a_hybrid_is_joined_too_and_its_combined_result_is_shared(stack):
    leader, follower = stack.create("hybrid", MEETING), stack.create("hybrid", MEETING)
    stack.finish(leader.workflow_id)
    assert view(stack, follower.workflow_id).result == view(stack, leader.workflow_id).result
    assert view(stack, follower.workflow_id).result["combined"] is not None


@pytest.mark.parametrize(
    ("of_leader", "of_other"),
    [
        ({}, {"caller": user(tenant="globex")}),
        ({}, {"data": OTHER}),
        ({"workflow_type": "hybrid", "data": MEETING}, {"workflow_type": "meeting_intelligence", "data": MEETING}),
        (
            {"workflow_type": "hybrid", "data": MEETING},
            {"workflow_type": "hybrid", "data": MEETING, "expected_outputs": ["embeddings"]},
        ),
    ],
)
def test_other_work_and_other_tenants_do_not_join(stack, of_leader, of_other):
    stack.create(**of_leader)
    assert stack.create(**of_other).joined is False


def test_another_configuration_does_not_join(stack, monkeypatch):
    stack.create()
    monkeypatch.setattr(stack.parts, "settings", stack.parts.settings.model_copy(update={"config_version": "2"}))
    assert stack.create().joined is False


def test_onboarding_and_batches_do_not_join(stack):
    profile = {"project_name": "Bridge", "overview": "Repair of the bridge"}
    assert [stack.create("project_onboarding", profile).joined for _ in range(2)] == [False, False]
    stack.create()
    batch = stack.batch({"workflow_type": "classification", "input_data": DOCUMENT})
    (item,) = stack.items(batch.workflow_id)
    assert stack.run_item(item) is Status.COMPLETED


def test_a_dry_run_says_that_it_would_join(stack):
    assert stack.create(dry_run=True).plan.joins is False
    stack.create()
    plan = stack.create(dry_run=True).plan
    assert (plan.joins, plan.cached, plan.would_start_now) == (True, False, False)
    assert 0 < plan.estimated_usd < stack.create(data=OTHER, dry_run=True).plan.estimated_usd


@pytest.mark.parametrize("failing", [{"classification"}, {"classification", "meeting_intelligence", "embeddings"}])
def test_a_failure_is_shared_and_the_next_computes_anew(stack, failing):
    leader, follower = stack.create("hybrid", MEETING), stack.create("hybrid", MEETING)
    stack.failing = failing
    stack.finish(leader.workflow_id)
    ended, shared = view(stack, leader.workflow_id), view(stack, follower.workflow_id)
    assert shared.status is ended.status in (Status.PARTIALLY_COMPLETED, Status.FAILED)
    assert (shared.errors, shared.result, shared.success) == (ended.errors, ended.result, ended.success)
    again = stack.create("hybrid", MEETING)
    assert (again.cached, again.joined, again.status) == (False, False, Status.RUNNING)


def test_a_timeout_is_shared(stack):
    leader, follower = stack.create(), stack.create()
    detail = {"name": f"{leader.workflow_id}-1", "status": "TIMED_OUT"}
    settle_ended_execution(stack.parts, {"detail": detail}, now=stack.now)
    assert view(stack, follower.workflow_id).status is Status.TIMED_OUT


def test_where_the_leader_is_cancelled_the_best_ranked_takes_over(stack):
    leader, low, high = stack.create(), stack.create(priority="low"), stack.create(priority="high")
    cancel(stack, leader.workflow_id)
    assert view(stack, leader.workflow_id).status is Status.CANCELLED
    assert (view(stack, high.workflow_id).status, view(stack, high.workflow_id).joined) == (Status.RUNNING, False)
    assert ("took_over", "system:cancel") in actions(stack, high.workflow_id)
    assert view(stack, low.workflow_id).joined is True
    assert stack.create().joined is True
    stack.finish(high.workflow_id)
    assert view(stack, low.workflow_id).result == view(stack, high.workflow_id).result
    assert view(stack, leader.workflow_id).result is None


def test_one_that_joined_is_cancelled_alone(stack):
    leader, follower, other = stack.create(), stack.create(), stack.create()
    assert cancel(stack, follower.workflow_id).cancelled_at_step == "queued"
    stack.finish(leader.workflow_id)
    assert view(stack, follower.workflow_id).status is Status.CANCELLED
    assert view(stack, other.workflow_id).status is Status.COMPLETED
    with pytest.raises(ConflictError):
        cancel(stack, other.workflow_id)


def test_all_cancelled_leaves_nothing(stack):
    made = [stack.create() for _ in range(4)]
    for one in made:
        cancel(stack, one.workflow_id)
    assert joined_places(stack) == stack.leases() == []
    assert stack.create().status is Status.RUNNING


@pytest.mark.parametrize("limits", [(1, 1)])
def test_what_joins_queued_work_stands_where_that_stands(stack, limits):
    stack.create(data=OTHER)
    leader, follower = stack.create(), stack.create()
    assert leader.status is follower.status is Status.QUEUED
    assert follower.waiting == leader.waiting
    assert follower.waiting.limited_by == "tenant"


@pytest.mark.parametrize("limits", [(1, 1)])
def test_an_urgent_one_hurries_the_work_that_it_joins(stack, limits):
    busy = stack.create(data=OTHER)
    before = stack.create(data={**OTHER, "content": "Waits first."})
    stack.pass_time(seconds=1)
    leader = stack.create()
    stack.pass_time(seconds=1)
    assert stack.create(priority="low").joined is True
    assert view(stack, leader.workflow_id).waiting.position == 2
    assert stack.create(priority="urgent").joined is True
    assert view(stack, leader.workflow_id).waiting.position == 1
    stack.finish(busy.workflow_id)
    assert stack.record(leader.workflow_id).status is Status.RUNNING
    assert stack.record(before.workflow_id).status is Status.QUEUED


def test_the_same_idempotency_key_gives_the_same_joined_workflow(stack):
    stack.create()
    first, second = stack.create(key="k"), stack.create(key="k")
    assert first.workflow_id == second.workflow_id
    assert len(joined_places(stack)) == 1


def test_a_joined_result_can_be_rerun(stack):
    leader, follower = stack.create(), stack.create()
    stack.finish(leader.workflow_id)
    again = rerun_workflow(
        stack.parts, follower.workflow_id, RerunRequest(services=["classification"]), user(), now=stack.now
    )
    assert (again.status, again.joined) == (Status.RUNNING, False)
    stack.finish(again.workflow_id)
    assert view(stack, again.workflow_id).result == view(stack, leader.workflow_id).result


def test_it_does_not_outlive_the_results_that_it_points_to(stack):
    leader = stack.create()
    stack.pass_time(hours=2)
    follower = stack.create()
    assert follower.joined is True
    assert stack.record(follower.workflow_id).expires_at == stack.record(leader.workflow_id).expires_at


def test_work_that_takes_more_than_a_day_is_not_joined_by_what_comes_then(stack):
    leader, early = stack.create(), stack.create()
    stack.pass_time(hours=25)
    late = stack.create()
    assert late.joined is False
    stack.finish(leader.workflow_id)
    assert view(stack, early.workflow_id).status is Status.COMPLETED
    stack.finish(late.workflow_id)
    assert view(stack, late.workflow_id).status is Status.COMPLETED


def end_unseen(stack, monkeypatch, leader, end):
    """The leader ends, and whoever ended it crashes before it looks at what joined."""
    with monkeypatch.context() as patch:
        patch.setattr(type(stack.parts.joining), "release", lambda *_, **__: None)
        end(leader)


@pytest.mark.parametrize("forgotten", [False, True])
def test_the_reconciler_answers_what_an_end_left_behind(stack, monkeypatch, forgotten):
    leader, followers = stack.create(), [stack.create() for _ in range(3)]
    end_unseen(stack, monkeypatch, leader, lambda one: stack.finish(one.workflow_id))
    assert {view(stack, one.workflow_id).status for one in followers} == {Status.QUEUED}
    if forgotten:
        boto3.resource("dynamodb").Table("CacheTable").delete_item(
            Key={"pk": stack.record(leader.workflow_id).cache_key}
        )
    stack.pass_time(minutes=1)
    reconcile(stack.parts, now=stack.now)
    if forgotten:  # one of them does it again
        (running,) = [one for one in followers if stack.record(one.workflow_id).status is Status.RUNNING]
        stack.finish(running.workflow_id)
    assert {view(stack, one.workflow_id).status for one in followers} == {Status.COMPLETED}
    assert joined_places(stack) == []


def test_the_reconciler_lets_one_take_over_what_a_cancel_left_behind(stack, monkeypatch):
    leader, follower = stack.create(), stack.create()
    end_unseen(stack, monkeypatch, leader, lambda one: cancel(stack, one.workflow_id))
    reconcile(stack.parts, now=stack.now)
    assert stack.record(follower.workflow_id).status is Status.RUNNING


def test_who_joins_in_the_moment_of_the_end_is_answered_at_once(stack, monkeypatch):
    leader = stack.create()
    real = stack.parts.ledger.create

    def ends_just_before(record, **options):
        if record.joined_to:
            stack.finish(leader.workflow_id)
        return real(record, **options)

    monkeypatch.setattr(stack.parts.ledger, "create", ends_just_before)
    follower = stack.create()
    assert (follower.joined, follower.status) == (True, Status.COMPLETED)
    assert follower.result == view(stack, leader.workflow_id).result


def test_the_reconciler_gets_round_to_all_keys(stack, monkeypatch):
    monkeypatch.setattr("besunny.orchestration.reconciliation._MAX_JOINED", 2)
    pairs = []
    for number in range(4):
        data, tenant = {**DOCUMENT, "content": f"Note {number}."}, user(tenant=f"tenant-{number}")
        pairs.append((stack.create(data=data, caller=tenant), stack.create(data=data, caller=tenant)))
    for leader, _ in pairs:
        end_unseen(stack, monkeypatch, leader, lambda one: stack.finish(one.workflow_id))
    for _ in range(20):
        stack.pass_time(minutes=1)
        reconcile(stack.parts, now=stack.now)
    assert {stack.record(follower.workflow_id).status for _, follower in pairs} == {Status.COMPLETED}


def test_of_two_that_both_saw_nothing_in_flight_one_joins_the_other(stack, monkeypatch):
    real, made = stack.parts.ledger.create, []

    def overtaken(record, **options):
        monkeypatch.setattr(stack.parts.ledger, "create", real)
        made.append(stack.create())
        return real(record, **options)

    monkeypatch.setattr(stack.parts.ledger, "create", overtaken)
    made.append(stack.create())
    assert [(one.status, one.joined) for one in made] == [(Status.RUNNING, False), (Status.QUEUED, True)]
    assert len(stack.leases()) == 1


def test_the_optimiser_counts_what_was_joined_apart(stack):
    leader = stack.create()
    stack.create()
    stack.finish(leader.workflow_id)
    stack.create()
    (figures,) = optimize_workflows(stack.parts, "acme", OptimizeRequest()).types
    assert (figures.count, figures.joined, figures.cached, figures.repeated) == (3, 1, 1, 0)


def test_an_end_answers_so_many_at_once_and_the_reconciler_the_rest(stack, monkeypatch):
    monkeypatch.setattr("besunny.orchestration.joining._AT_ONCE", 2)
    leader, followers = stack.create(), [stack.create() for _ in range(5)]
    stack.finish(leader.workflow_id)
    ended = [stack.record(one.workflow_id).status.ended for one in followers]
    assert sum(ended) == 2
    for minute in range(2):
        reconcile(stack.parts, now=NOW + timedelta(minutes=minute))
    assert all(stack.record(one.workflow_id).status is Status.COMPLETED for one in followers)
