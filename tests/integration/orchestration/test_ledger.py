"""The ledger under duplicates, late results, cancels and faults: each workflow ends once, and no lease is lost."""

import pytest
from botocore.exceptions import ClientError

from besunny import projects
from besunny.api.principal import Role
from besunny.aws import clients
from besunny.errors import ConflictError, IdempotencyMismatchError, NotFoundError
from besunny.orchestration.batches import create_batch
from besunny.orchestration.cancellation import cancel_workflow
from besunny.orchestration.endings import settle_ended_execution
from besunny.orchestration.listing import list_items, list_workflows
from besunny.orchestration.models import BatchRequest, WorkflowRequest
from besunny.orchestration.records import Status
from besunny.orchestration.view import full_view, owned
from tests.integration.orchestration.conftest import MEETING, NOW, answer, user

ALICE = projects.Editor("acme", "alice")


def text(number):
    return {"content": f"Note number {number} on the bridge.", "projects": [{"id": "p1", "name": "Bridge"}]}


def view(stack, workflow_id, caller=None):
    return full_view(stack.parts, owned(stack.parts, workflow_id, caller or user()), now=stack.now)


def test_from_request_to_result(stack):
    made = stack.create()
    assert made.status is Status.RUNNING
    assert stack.executions() == {f"{made.workflow_id}-1": "RUNNING"}
    assert stack.leases() == [f"{made.workflow_id}-1"]
    assert stack.finish(made.workflow_id) is Status.COMPLETED
    done = view(stack, made.workflow_id)
    assert "bridge piers" in done.result["seen"]
    assert done.services_used == ["classification"]
    assert done.engines["classification"]["name"] == "test"
    assert done.cost.usd > 0
    assert done.cost.dynamodb_write_units > 8
    assert stack.leases() == []


def test_a_second_settlement_is_refused_and_changes_nothing(stack):
    made = stack.create()
    carried = stack.carried(made.workflow_id)
    stack.finish(made.workflow_id)
    before = view(stack, made.workflow_id)
    stack.failing.add("classification")
    stack.pass_time(seconds=5)
    assert stack.finish(made.workflow_id, carried) is None
    assert view(stack, made.workflow_id) == before


def test_a_branch_that_fails_does_not_sink_the_others(stack):
    made = stack.create("hybrid", MEETING)
    stack.failing.add("embeddings")
    assert stack.finish(made.workflow_id) is Status.PARTIALLY_COMPLETED
    done = view(stack, made.workflow_id)
    assert {"classification", "meeting_intelligence", "combined"} == done.result.keys()
    assert [(error.service, error.code, error.message) for error in done.errors] == [("embeddings", "Engine", "no")]
    assert done.result["combined"]["failed"] == ["embeddings"]
    assert (done.progress.total, done.progress.done, done.progress.failed) == (3, 2, 1)


def test_the_result_of_a_cancelled_workflow_is_refused(stack):
    made = stack.create()
    carried = stack.carried(made.workflow_id)

    def cancelled_meanwhile(service, request, tenant_id, owner, wanted):
        cancel_workflow(stack.parts, made.workflow_id, user(), now=stack.now)
        return answer(service, request, tenant_id, owner, wanted)

    event = {**carried, "service": "classification"}
    digest = stack.run(event, cancelled_meanwhile)
    assert digest["superseded"]
    assert stack.settle({**carried, "error": {"Error": "States.Timeout", "Cause": ""}}) is None
    shown = view(stack, made.workflow_id)
    assert (shown.status, shown.result, shown.cancelled_at_step) == (Status.CANCELLED, None, "classification")
    assert stack.parts.store.load(made.workflow_id).results == {}
    assert stack.executions() == {f"{made.workflow_id}-1": "ABORTED"}
    assert stack.leases() == []


def save_project(request, answered, tenant_id, owner):
    project = projects.StoredProject(id="p9", name="Bridge")
    found = projects.storing(project, projects.Editor(tenant_id, owner), now=NOW)
    return answered.model_copy(update={"seen": f"replaces {found.replaces}"}), found.writes


def test_a_cancelled_workflow_saves_no_project_and_one_that_runs_does(stack):
    made = stack.create()
    event = {**stack.carried(made.workflow_id), "service": "classification"}

    def cancelled_meanwhile(request, answered, tenant_id, owner):
        saved = save_project(request, answered, tenant_id, owner)
        cancel_workflow(stack.parts, made.workflow_id, user(), now=stack.now)
        return saved

    digest = stack.run(event, answer, beside=cancelled_meanwhile)
    assert digest["superseded"]
    assert projects.stored_projects("acme") == []
    again = stack.create(data=text(2))
    event = {**stack.carried(again.workflow_id), "service": "classification"}
    stack.run(event, answer, beside=save_project)
    assert [project["id"] for project in projects.stored_projects("acme")] == ["p9"]


def test_a_project_that_came_between_is_looked_at_again(stack):
    made = stack.create()
    event = {**stack.carried(made.workflow_id), "service": "classification"}
    between = [lambda: projects.put_project(projects.StoredProject(id="p9", name="B"), ALICE, now=stack.now)]

    def beside(request, answered, tenant_id, owner):
        saved = save_project(request, answered, tenant_id, owner)
        if between:
            between.pop()()
        return saved

    stack.run(event, answer, beside=beside)
    loaded = stack.parts.store.load(made.workflow_id).results[(1, "classification")]
    assert stack.parts.documents.load_result(loaded)["seen"] == "replaces True"


def test_cancelled_work_is_not_begun(stack):
    made = stack.create()
    carried = stack.carried(made.workflow_id)
    cancel_workflow(stack.parts, made.workflow_id, user(), now=stack.now)

    def never(service, request, tenant_id, owner, wanted):
        raise AssertionError("an engine was called after the cancel")

    stack.run({**carried, "service": "classification"}, never)
    with pytest.raises(ConflictError, match="cancelled"):
        cancel_workflow(stack.parts, made.workflow_id, user(), now=stack.now)


def test_an_execution_that_ended_otherwise_is_settled_by_its_event(stack):
    made = stack.create()
    event = {"detail": {"name": f"{made.workflow_id}-1", "status": "TIMED_OUT"}}
    assert settle_ended_execution(stack.parts, event, now=stack.now) is Status.TIMED_OUT
    assert settle_ended_execution(stack.parts, event, now=stack.now) is None
    shown = view(stack, made.workflow_id)
    assert shown.success is False
    assert shown.errors[0].code == "Execution.TIMED_OUT"
    assert stack.leases() == []


def test_limits_hold_and_what_waits_starts_when_a_lease_comes_back(stack):
    ids = [stack.create(data=text(n)).workflow_id for n in range(3)]
    other = stack.create(data=text(9), caller=user(tenant="globex")).workflow_id
    assert [stack.record(i).status for i in ids] == [Status.RUNNING, Status.RUNNING, Status.QUEUED]
    assert stack.record(other).status is Status.RUNNING
    waiting = view(stack, ids[2]).waiting
    assert (waiting.position, waiting.limited_by, waiting.limit, waiting.in_use) == (1, "tenant", 2, 2)
    stack.finish(ids[0])
    assert stack.record(ids[2]).status is Status.RUNNING
    assert f"{ids[2]}-1" in stack.executions()


@pytest.mark.parametrize("limits", [(1, 1)])
def test_among_one_tenants_urgent_goes_first_and_low_last(stack, limits):
    running = stack.create(data=text(0)).workflow_id
    order = {}
    for priority in ("low", "normal", "high", "urgent"):
        stack.pass_time(seconds=1)
        order[stack.create(data=text(priority), priority=priority).workflow_id] = priority
    started = []
    for _ in range(4):
        stack.finish(running)
        running = next(i for i in order if stack.record(i).status is Status.RUNNING)
        started.append(order[running])
    assert started == ["urgent", "high", "normal", "low"]


@pytest.mark.parametrize("limits", [(1, 1)])
def test_low_does_not_starve(stack, limits):
    running = stack.create(data=text(0)).workflow_id
    old = stack.create(data=text("old"), priority="low").workflow_id
    stack.pass_time(minutes=31)
    stack.create(data=text("new"), priority="normal")
    stack.finish(running)
    assert stack.record(old).status is Status.RUNNING


@pytest.mark.parametrize("limits", [(2, 2)])
def test_tenants_share(stack, limits):
    a = [stack.create(data=text(n)).workflow_id for n in range(6)]
    b = stack.create(data=text("b"), caller=user(tenant="globex")).workflow_id
    stack.finish(a[0])
    assert stack.record(b).status is Status.RUNNING
    assert len(stack.leases()) == 2


def test_a_key_makes_a_retry_the_same_workflow(stack):
    first = stack.create(key="k1")
    assert stack.create(key="k1").workflow_id == first.workflow_id
    assert stack.create(key="k1", caller=user("bob")).workflow_id != first.workflow_id
    with pytest.raises(IdempotencyMismatchError):
        stack.create(data=text(2), key="k1")
    stack.pass_time(hours=25)
    assert stack.create(data=text(2), key="k1").workflow_id != first.workflow_id


def test_the_cache_answers_the_same_tenant_for_an_hour(stack):
    first = stack.create()
    stack.finish(first.workflow_id)
    again = stack.create(caller=user("bob"))
    assert (again.cached, again.status) == (True, Status.COMPLETED)
    assert again.result == view(stack, first.workflow_id).result
    assert stack.create(caller=user(tenant="globex")).cached is False
    stack.pass_time(minutes=61)
    assert stack.create().cached is False


def test_work_is_seen_by_its_owner_and_the_tenants_analysts_only(stack):
    made = stack.create().workflow_id
    assert view(stack, made, user("carol", role=Role.ANALYST)).workflow_id == made
    for other in (user("bob"), user(tenant="globex", role=Role.ADMIN)):
        with pytest.raises(NotFoundError):
            view(stack, made, other)
        with pytest.raises(NotFoundError):
            cancel_workflow(stack.parts, made, other, now=stack.now)


def test_large_inputs_and_results_go_by_reference(stack):
    made = stack.create(data={"content": "A long note. " * 40_000, "projects": [{"id": "p1", "name": "Bridge"}]})
    assert stack.record(made.workflow_id).input.kind == "object"
    stack.finish(made.workflow_id)
    stored = stack.parts.store.load(made.workflow_id).results[(1, "classification")]
    assert stored.body is None
    assert "A long note" in view(stack, made.workflow_id).result["seen"]


@pytest.mark.parametrize("limits", [(1, 1)])
def test_a_filtered_list_of_work_that_waited_comes_to_its_end(stack, limits):
    made = []
    for number in range(4):
        made.append(stack.create(data=text(number)).workflow_id)
        stack.pass_time(seconds=1)
    for workflow_id in made:
        stack.finish(workflow_id)
    analyst, seen, position = user("carol", role=Role.ANALYST), [], None
    for _ in made:
        page = list_workflows(stack.parts, analyst, status=Status.COMPLETED, limit=1, position=position)
        seen += [view.workflow_id for view in page.workflows]
        position = page.position
    assert seen == made[::-1]


def test_a_page_of_large_items_is_short_and_its_cursor_goes_on(stack, monkeypatch):
    items = [WorkflowRequest(workflow_type="classification", input_data=text(n)) for n in range(3)]
    batch = create_batch(stack.parts, BatchRequest(workflows=items), user(), idempotency_key=None, now=stack.now)
    made = stack.items(batch.workflow_id)
    for item in made:
        stack.run_item(item)
    monkeypatch.setattr("besunny.orchestration.view.PAGE_BYTES", 400)
    seen, position = [], None
    for number in range(3):
        page = list_items(stack.parts, batch.workflow_id, user(), limit=100, position=position)
        seen += [view.workflow_id for view in page.workflows]
        position = page.position
        assert len(seen) == number + 1
    assert (seen, position) == ([item["workflow_id"] for item in made], None)


@pytest.mark.parametrize("save", [False, True])
def test_onboarding_follows_the_index_and_is_never_answered_from_the_cache(stack, save):
    data = {"project_name": "Bridge", "overview": "Repair of the harbour bridge.", "save": save}
    for _ in range(2):
        made = stack.create("project_onboarding", data)
        assert not made.cached
        stack.finish(made.workflow_id)


@pytest.mark.parametrize("code", ["NoSuchKey", "AccessDenied"])
def test_a_stored_document_that_expired_is_not_found(stack, monkeypatch, code):
    made = stack.create(data={"content": "A long note. " * 1000, "projects": [{"id": "p1", "name": "Bridge"}]})

    def refuse(**request):
        raise ClientError({"Error": {"Code": code}}, "GetObject")

    monkeypatch.setattr(clients.s3(), "get_object", refuse)
    with pytest.raises(NotFoundError, match="expired"):
        stack.parts.documents.load_input(made.workflow_id, stack.record(made.workflow_id).input)


def test_every_change_leaves_an_audit_record(stack):
    made = stack.create().workflow_id
    cancel_workflow(stack.parts, made, user(), now=stack.now)
    values = {":pk": {"S": f"W#{made}"}, ":audit": {"S": "AUDIT#"}}
    items = clients.dynamodb().query(
        TableName="WorkflowsTable",
        KeyConditionExpression="pk = :pk AND begins_with(sk, :audit)",
        ExpressionAttributeValues=values,
    )["Items"]
    found = {item["action"]["S"]: item["actor"]["S"] for item in items}
    assert found == {"created": "alice", "cancelled": "alice"}


def test_an_input_that_is_wrong_keeps_nothing(stack):
    from besunny.errors import InvalidInputError

    with pytest.raises(InvalidInputError) as caught:
        stack.create(data={"content": "", "projects": []})
    assert caught.value.errors[0].field.startswith("input_data.")
    assert clients.dynamodb().scan(TableName="WorkflowsTable")["Count"] == 0
