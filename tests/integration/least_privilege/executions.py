"""Workflows asked for over the API, and their executions played through the functions of their states."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import boto3

from besunny.orchestration import documents
from tests.integration.least_privilege.account import MACHINES, Account

TASKS = {
    "classification": "ClassificationFunction",
    "meeting_intelligence": "MeetingIntelligenceFunction",
    "embeddings": "EmbeddingFunction",
    "project_onboarding": "ProjectOnboardingFunction",
}
_NOTE = {"content": "The bridge piers are poured on Monday. Ana sends the plan by Friday."}
_MEETING = {
    "title": "Standup",
    "segments": [{"speaker": "Ana", "text": "I will send the plan by Friday.", "start_time": 0, "end_time": 4}],
}
INPUTS: dict[str, dict[str, Any]] = {
    "classification": _NOTE,
    "meeting_intelligence": _MEETING,
    "embedding": _NOTE,
    "project_onboarding": {"project_name": "Bridge", "overview": "Repair and repainting of the harbour bridge."},
    "hybrid": _MEETING,
}
# More than the table keeps beside a workflow.
LONG_TEXT = "The bridge piers are poured on Monday. " * 250


def work(kind: str, **data: Any) -> dict[str, Any]:
    """A request for a workflow; `data` adds to its input."""
    return {"workflow_type": kind, "input_data": {**INPUTS[kind], **data}}


def create(account: Account, request: dict[str, Any], **options: Any) -> str:
    """The id of a new workflow."""
    return str(account.call("CreateWorkflowFunction", body=request, **options)["workflow_id"])


def create_batch(account: Account, *requests: dict[str, Any], **options: Any) -> str:
    """The id of a new batch."""
    return str(account.call("CreateBatchFunction", body=list(requests), **options)["workflow_id"])


def new_work(account: Account) -> dict[str, Any]:
    """A request that nothing cached answers."""
    return work("classification", subject=account.now.isoformat())


def one_of_each(account: Account, **options: Any) -> list[str]:
    """A new workflow for each state machine."""
    moment = account.now.isoformat()
    service = create(account, work("classification", subject=moment), **options)
    hybrid = create(account, work("hybrid", title=moment), **options)
    return [service, hybrid, create_batch(account, work("classification"), **options)]


def status(account: Account, workflow_id: str, **options: Any) -> dict[str, Any]:
    """What its owner sees of a workflow."""
    return account.call("GetWorkflowStatusFunction", path={"workflow_id": workflow_id}, **options)


def items(account: Account, batch_id: str) -> list[dict[str, Any]]:
    """The items of a batch as its owner sees them."""
    shown: list[dict[str, Any]] = account.call("ListWorkflowItemsFunction", path={"workflow_id": batch_id})["items"]
    return shown


def newest(account: Account) -> str:
    """The id of the workflow that was made last."""
    return str(account.call("ListWorkflowsFunction", query={"limit": "1"})["workflows"][0]["workflow_id"])


def carried(account: Account, workflow_id: str) -> dict[str, Any]:
    """What the newest execution of a workflow was started with."""
    client = boto3.client("stepfunctions")
    found: dict[str, Any] = {"attempt": 0}
    for machine in MACHINES:
        arn = account.names.refs[f"{machine.capitalize()}StateMachine"]
        for execution in client.list_executions(stateMachineArn=arn)["executions"]:
            if execution["name"].startswith(workflow_id):
                started = json.loads(client.describe_execution(executionArn=execution["executionArn"])["input"])
                found = max(found, started, key=lambda one: int(one["attempt"]))
    assert found["attempt"], f"{workflow_id} was not started"
    return found


def batch_items(account: Account, batch_id: str) -> list[dict[str, Any]]:
    """What the Map over a batch gives to its tasks."""
    key = carried(account, batch_id)["items_key"]
    stored = boto3.client("s3").get_object(Bucket=account.names.refs["DataBucket"], Key=key)
    found: list[dict[str, Any]] = json.loads(stored["Body"].read())
    return found


def tasks_of(event: dict[str, Any]) -> list[dict[str, Any]]:
    """What a machine hands to its tasks; a hybrid's to each of its branches."""
    if "services" not in event:
        return [event]
    return [{**event, "service": service, "wanted": wanted} for service, wanted in event["services"].items()]


def run_task(account: Account, task: dict[str, Any], failing: Collection[str] = ()) -> None:
    """Play a task, and the state that keeps its failure where it fails."""
    if task["service"] in failing and task.get("wanted", True):
        account.invoke("SettleWorkflowFunction", {**task, "error": {"Error": "Engine", "Cause": "no"}})
    else:
        account.invoke(TASKS[task["service"]], task)


def finish(account: Account, workflow_id: str, failing: Collection[str] = (), last: str = "") -> None:
    """Play an execution; of a hybrid's services `last` is the one that ends it."""
    for task in sorted(tasks_of(carried(account, workflow_id)), key=lambda task: task["service"] == last):
        run_task(account, task, failing)


def finish_batch(account: Account, batch_id: str, failing: Collection[str] = ()) -> None:
    """Play a batch: each task of each item, then the last state."""
    for task in batch_items(account, batch_id):
        run_task(account, task, failing)
    assert account.invoke("SettleWorkflowFunction", carried(account, batch_id)) == 1, "settling was refused"


def starting_what_waits(account: Account, act: Callable[[], object]) -> None:
    """An act at a moment when work for each machine waits and there is room for it: the act must start it all."""
    owner = {"sub": "waiter", "tenant": f"tenant-{account.now.timestamp()}"}
    account.parameters["TenantLimit"] = "0"
    waiting = one_of_each(account, **owner)
    assert [status(account, workflow_id, **owner)["status"] for workflow_id in waiting] == ["queued"] * 3
    account.parameters["TenantLimit"] = "500"
    act()
    for workflow_id in waiting:
        assert carried(account, workflow_id)["attempt"] == 1
    account.now += timedelta(seconds=1)


def results_in_s3() -> Any:
    """Results of any size go to S3, so that no scene needs a large one."""
    return patch.object(documents, "RESULT_INLINE_BYTES", 0)
