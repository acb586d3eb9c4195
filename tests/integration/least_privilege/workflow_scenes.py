"""What the functions of orchestration and inference do in their lives; each scene says what must have happened."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from unittest.mock import patch

import boto3

from besunny.orchestration import keys
from besunny.orchestration.cache import Cache, InFlight
from besunny.orchestration.catalogue import BOUNDS, SERVICES_OF_HYBRID
from besunny.orchestration.endings import MAX_ATTEMPTS
from besunny.orchestration.joining import Joining
from besunny.orchestration.records import WorkflowRecord
from tests.integration.least_privilege.account import Account
from tests.integration.least_privilege.executions import (
    INPUTS,
    LONG_TEXT,
    TASKS,
    batch_items,
    carried,
    create,
    create_batch,
    finish,
    finish_batch,
    items,
    new_work,
    newest,
    one_of_each,
    results_in_s3,
    run_task,
    starting_what_waits,
    status,
    work,
)


def play(account: Account) -> None:
    """All scenes, one after the other."""
    account.parameters |= {"GlobalLimit": "1000", "TenantLimit": "500"}
    project = {"id": "p1", "name": "Harbour bridge", "description": "Repair of the harbour bridge"}
    boto3.resource("dynamodb").Table(account.names.refs["ProjectsTable"]).put_item(
        Item={"pk": "acme", "sk": "p1", "project": project}
    )
    scenes = (direct_answers, creation, large_creation, uploads, batches, repeats, cancels, reading, joins)
    for scene in (*scenes, ended_executions, repairs, queue_of_creation, queue_of_ends, queue_of_the_reconciler):
        scene(account)
        account.forget_workflows()


def direct_answers(account: Account) -> None:
    """Each AI service by its own endpoint; classification with the tenant's stored projects."""
    for service, function in TASKS.items():
        data = INPUTS["embedding" if service == "embeddings" else service]
        assert account.call(function, body=data)["engine"]


def creation(account: Account) -> None:
    """Each type: new, the same key again, from the cache (but onboarding, which reads the index), as a plan."""
    for kind in INPUTS:
        key = {"Idempotency-Key": kind}
        made = create(account, work(kind), headers=key)
        assert create(account, work(kind), headers=key) == made
        finish(account, made)
        assert status(account, made)["status"] == "completed"
        cached = kind != "project_onboarding"
        assert account.call("CreateWorkflowFunction", body=work(kind))["cached"] is cached
        plan = account.call("CreateWorkflowFunction", body={**work(kind), "dry_run": True})["plan"]
        assert plan["cached"] is cached


def large_creation(account: Account) -> None:
    """Inputs and results in S3: answered after a wait, from the cache, and by the status."""
    with results_in_s3():
        request = work("hybrid", content=LONG_TEXT)
        view = account.call(
            "CreateWorkflowFunction",
            body=request,
            headers={"Prefer": "wait=5"},
            meanwhile=lambda: finish(account, newest(account)),
        )
        assert view["result"]["combined"] is not None
        assert account.call("CreateWorkflowFunction", body=request)["result"] == view["result"]
        assert status(account, view["workflow_id"])["result"] == view["result"]
        for last in SERVICES_OF_HYBRID:
            finish(account, create(account, work("hybrid", content=LONG_TEXT, title=last)), last=last)
        finish(account, create(account, work("project_onboarding", documents=[LONG_TEXT])))


def uploads(account: Account) -> None:
    """A ticket, the upload, and the workflow that takes it."""
    create(account, {"workflow_type": "embedding", "input_data": {"upload_id": uploaded(account)}})


def uploaded(account: Account) -> str:
    """The id of an upload."""
    upload_id = str(account.call("CreateUploadFunction", body={})["upload_id"])
    boto3.client("s3").put_object(
        Bucket=account.names.refs["DataBucket"], Key=keys.upload_key("acme", "alice", upload_id), Body=b"A note."
    )
    return upload_id


def batches(account: Account) -> None:
    """All types in one, results in S3, answered after a wait; and one whose tasks fail before they begin."""
    with results_in_s3():
        view = account.call(
            "CreateBatchFunction",
            body=[work(kind) for kind in INPUTS],
            headers={"Prefer": "wait=5", "Idempotency-Key": "batch"},
            meanwhile=lambda: finish_batch(account, newest(account)),
        )
        assert [item["status"] for item in view["results"]] == ["completed"] * len(INPUTS)
        again = account.call(
            "CreateBatchFunction", body=[work(kind) for kind in INPUTS], headers={"Idempotency-Key": "batch"}
        )
        assert again["results"] == view["results"] == items(account, view["workflow_id"])
        assert status(account, view["workflow_id"])["results"] == view["results"]
    failed = create_batch(account, work("classification"))
    finish_batch(account, failed, failing=["classification"])
    assert status(account, failed)["status"] == "failed"
    (item,) = items(account, failed)
    again = account.call("RerunWorkflowFunction", path={"workflow_id": item["workflow_id"]})
    finish(account, again["workflow_id"])


def repeats(account: Account) -> None:
    """What failed of a large hybrid, with results in S3: answered after a wait, and to the same key again."""
    with results_in_s3():
        failed = create(account, work("hybrid", content=LONG_TEXT, title="Failing"))
        finish(account, failed, failing=["embeddings"])
        request = {"path": {"workflow_id": failed}, "headers": {"Prefer": "wait=5", "Idempotency-Key": "rerun"}}
        view = account.call("RerunWorkflowFunction", meanwhile=lambda: finish(account, newest(account)), **request)
        assert (view["status"], sorted(view["reused"])) == ("completed", ["classification", "meeting_intelligence"])
        assert account.call("RerunWorkflowFunction", **request)["result"] == view["result"]
        large = {"subject": "Other", "content": LONG_TEXT, "projects": None}
        wanted = {"services": ["classification"], "input_data": large}
        edited = account.call("RerunWorkflowFunction", path={"workflow_id": failed}, body=wanted)["workflow_id"]
        finish(account, edited)
    upload_id = uploaded(account)
    note = create(account, work("embedding"))
    finish(account, note)
    taken = {"input_data": {"content": None, "upload_id": upload_id}}
    finish(account, account.call("RerunWorkflowFunction", path={"workflow_id": note}, body=taken)["workflow_id"])
    many = create_batch(account, work("classification"), work("embedding"))
    finish_batch(account, many, failing=["embeddings"])
    again = account.call("RerunWorkflowFunction", path={"workflow_id": many})
    assert again["total_workflows"] == 1
    finish_batch(account, again["workflow_id"])
    small = create(account, new_work(account))
    finish(account, small, failing=["classification"])
    finish(account, account.call("RerunWorkflowFunction", path={"workflow_id": small})["workflow_id"])


def cancels(account: Account) -> None:
    """A running workflow of each machine, and an item of a running batch."""
    for workflow_id in one_of_each(account):
        cancel(account, workflow_id)
    batch_id = create_batch(account, work("hybrid"))
    item, *_ = batch_items(account, batch_id)
    run_task(account, item)
    cancel(account, item["workflow_id"])
    assert items(account, batch_id)[0]["status"] == "cancelled"


def cancel(account: Account, workflow_id: str) -> None:
    """By its owner."""
    view = account.call("CancelWorkflowFunction", path={"workflow_id": workflow_id})
    assert view["status"] == "cancelled"


def joins(account: Account) -> None:
    """Equal work in flight: whoever ends it answers what joined; after a crash the next one does, or the reconciler."""
    for kind in ("classification", "meeting_intelligence", "embedding"):
        leader, follower = twice(account, work(kind, project_id="p8"))
        assert status(account, follower)["waiting"]["limited_by"] == "joined"
        finish(account, leader)
        assert status(account, follower)["result"] == status(account, leader)["result"]
    leader, follower = twice(account, new_work(account))
    finish(account, leader, failing=["classification"])
    assert status(account, follower)["status"] == "failed"
    leader, follower = twice(account, new_work(account))
    ended(account, leader, "States.Runtime")
    assert status(account, follower)["status"] == "failed"
    leader, follower = twice(account, new_work(account))
    cancel(account, leader)
    assert status(account, follower)["status"] == "running"
    finish(account, follower)
    for end, then in ((finish, "completed"), (cancel, "running")):
        leader, follower = twice(account, new_work(account))
        with patch.object(Joining, "release", return_value=None):
            end(account, leader)
        account.invoke("ReconcileWorkflowsFunction", {})
        assert status(account, follower)["status"] == then
        late = joined_too_late(account, end)
        assert status(account, late)["status"] == then


def twice(account: Account, request: dict[str, Any]) -> tuple[str, str]:
    """The same work twice, the second joined to the first."""
    return create(account, request), create(account, request)


def joined_too_late(account: Account, end: Callable[[Account, str], None]) -> str:
    """Work that found its equal running just before that ended."""
    request = new_work(account)
    leader = create(account, request)
    running, look = record_of(account, leader), Cache.find
    end(account, leader)
    looks = iter([InFlight(leader=leader)])

    def find(self: Cache, *arguments: Any, **options: Any) -> Any:
        return next(looks, None) or look(self, *arguments, **options)

    with patch.object(Cache, "find", find), patch.object(Joining, "live", side_effect=[running, None]):
        return create(account, request)


def record_of(account: Account, workflow_id: str) -> WorkflowRecord:
    """As the ledger keeps it now."""
    table = boto3.resource("dynamodb").Table(account.names.refs["WorkflowsTable"])
    return WorkflowRecord.model_validate(table.get_item(Key=keys.workflow(workflow_id))["Item"])


def reading(account: Account) -> None:
    """Lists of one's own and of the tenant, an item of a batch that runs, advice, health."""
    made = create(account, new_work(account))
    finish(account, made)
    batch_id = create_batch(account, work("hybrid"))
    item, *_ = batch_items(account, batch_id)
    run_task(account, item)
    assert status(account, item["workflow_id"])["status"] == "running"
    assert status(account, batch_id, headers={"Prefer": "wait=1"})["status"] == "running"
    for role in ("user", "analyst"):
        (listed,) = account.call("ListWorkflowsFunction", role=role, query={"status": "completed"})["workflows"]
        assert listed["workflow_id"] == made
    assert account.call("OptimizeWorkflowsFunction", role="analyst", body={})["workflows_examined"] == 2
    assert account.call("GetServicesHealthFunction")["services"]["classification"]["executions"] == 1
    assert account.call("ListWorkflowTypesFunction")["types"]


def ended_executions(account: Account) -> None:
    """The event of an execution that ended badly: a restart is repeated, the rest fails."""
    for workflow_id in one_of_each(account):
        ended(account, workflow_id, "States.ServiceRestart")
        assert status(account, workflow_id)["status"] == "running"
        ended(account, workflow_id, "States.Runtime")
        assert status(account, workflow_id)["status"] == "failed"


def ended(account: Account, workflow_id: str, error: str) -> None:
    """The end of the newest execution, as EventBridge tells it."""
    name = f"{workflow_id}-{carried(account, workflow_id)['attempt']}"
    detail = {"name": name, "status": "FAILED", "error": error, "cause": None}
    assert account.invoke("SettleEndedExecutionFunction", {"detail": detail}) == 1


def repairs(account: Account) -> None:
    """Leases of each machine that expire until their workflows end, and one whose workflow is gone."""
    made, gone = one_of_each(account), create(account, new_work(account))
    key = keys.workflow(gone)
    boto3.resource("dynamodb").Table(account.names.refs["WorkflowsTable"]).delete_item(Key=key)
    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert [carried(account, workflow_id)["attempt"] for workflow_id in made] == [attempt] * 3
        account.now += timedelta(seconds=BOUNDS["batch"].lease_seconds + 1)
        assert account.invoke("ReconcileWorkflowsFunction", {})["repaired"]
    assert [status(account, workflow_id)["status"] for workflow_id in made] == ["timed_out"] * 3


def queue_of_creation(account: Account) -> None:
    """Whoever looks at the queue starts what waits there, for whichever machine: here those that make workflows."""
    starting_what_waits(account, lambda: create(account, new_work(account)))
    starting_what_waits(account, lambda: create_batch(account, work("classification")))
    failed = create(account, work("hybrid"))
    finish(account, failed, failing=["embeddings"])
    starting_what_waits(account, lambda: account.call("RerunWorkflowFunction", path={"workflow_id": failed}))


def queue_of_ends(account: Account) -> None:
    """Those that end workflows: each service's own task, what keeps a failure, an execution's event, a cancel."""
    for kind, data in INPUTS.items():
        if kind != "hybrid":
            running = create(account, {"workflow_type": kind, "input_data": {**data, "project_id": "p7"}})
            starting_what_waits(account, partial(finish, account, running))
    failing, broken, cancelled = (create(account, work("embedding", content=f"Note {n}.")) for n in range(3))
    starting_what_waits(account, lambda: finish(account, failing, failing=["embeddings"]))
    starting_what_waits(account, lambda: ended(account, broken, "States.Runtime"))
    starting_what_waits(account, lambda: cancel(account, cancelled))


def queue_of_the_reconciler(account: Account) -> None:
    """And the reconciler."""
    starting_what_waits(account, lambda: account.invoke("ReconcileWorkflowsFunction", {}))
