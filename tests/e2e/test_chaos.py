"""The ledger under faults, on the running stack: messages delivered three times, processes and the whole stack killed.

What must hold at the end: each workflow has ended, once; each service of an attempt has one outcome; nothing runs, no
lease is held, nothing waits. `CHAOS_WORKFLOWS=200` makes a longer run.
"""

import json
import os
import random
import uuid
from collections import Counter
from functools import partial

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from besunny.aws.dynamo import from_item
from besunny.orchestration import keys
from besunny.orchestration.executions import execution_input
from besunny.orchestration.records import Status, WorkflowRecord
from local.stack.deploy import STACK_NAME
from tests.e2e.client import Client, until
from tests.e2e.samples import BRIDGE_MAIL, PROJECTS, STANDUP

pytestmark = pytest.mark.e2e
WORKFLOWS = int(os.environ.get("CHAOS_WORKFLOWS", "60"))
AT_ONCE, TENANTS, DELIVERIES = 10, 4, 3
SEED = 20261125


class Chaos:
    """A stack, the workflows that it was given, and what is done to it."""

    def __init__(self, stack):
        self.stack = stack
        self.ids = []
        self.run = uuid.uuid4().hex[:8]
        self.dice = random.Random(SEED)

    def submit(self):
        """The next few workflows, from several tenants; every request must be taken. Gives their ids."""
        begun = len(self.ids)
        for number in range(begun, begun + AT_ONCE):
            token = self.stack.token(sub="alice", tenant=f"{self.run}-{number % TENANTS}")
            caller, text = Client(self.stack.api_url, token), f"Note {number} on the bridge piers."
            document = {**BRIDGE_MAIL, "subject": text}
            if number % 20 == 0:
                made = caller.submit("hybrid", {**STANDUP, "title": text, "projects": PROJECTS})
            elif number % 2:
                made = caller.submit("embedding", {"text": text})
            else:
                made = caller.submit("classification", {"document": document, "projects": PROJECTS})
            self.ids.append(made["workflow_id"])
        return self.ids[begun:]

    def record(self, workflow_id):
        found = self.stack.client("dynamodb").get_item(
            TableName=self.table, Key={name: {"S": text} for name, text in keys.workflow(workflow_id).items()}
        )
        return WorkflowRecord.model_validate(from_item(found["Item"]))

    @property
    def table(self):
        return self.stack.outputs["WorkflowsTableName"]

    def items(self, partition):
        pages = (
            self.stack.client("dynamodb")
            .get_paginator("query")
            .paginate(
                TableName=self.table,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": {"S": partition}},
            )
        )
        return [from_item(item) for page in pages for item in page["Items"]]

    def deliver_again(self, workflow_id):
        """Every message of a running workflow twice more: the start of its execution, and its tasks."""
        record = self.record(workflow_id)
        if record.status is not Status.RUNNING:
            return
        carried = execution_input(record)
        machine = "hybrid" if "services" in carried else "service"
        wanted = [service for service, on in carried.get("services", {}).items() if on] or [carried["service"]]
        for _ in range(DELIVERIES - 1):
            self.quietly(
                self.stack.client("stepfunctions").start_execution,
                stateMachineArn=self.stack.outputs[f"{machine.capitalize()}StateMachineArn"],
                name=record.lease_owner,
                input=json.dumps(carried, ensure_ascii=False, separators=(",", ":")),
            )
            for service in wanted:
                self.invoke(f"{STACK_NAME}-{service}", {**carried, "service": service})

    def invoke(self, function, payload):
        self.quietly(
            self.stack.client("lambda").invoke,
            FunctionName=function,
            InvocationType="Event",
            Payload=json.dumps(payload).encode(),
        )

    def quietly(self, call, **options):
        """A delivery may find the stack down, or its work begun: it is a delivery more than was due anyway."""
        try:
            call(**options)
        except (BotoCoreError, ClientError):
            return

    def ended_events(self):
        """That executions ended otherwise, said of some that did not, as a late or doubled event would be."""
        for workflow_id in self.dice.sample(self.ids, 3):
            record = self.record(workflow_id)
            if record.status.ended:
                detail = {"name": record.lease_owner, "status": "TIMED_OUT", "stateMachineArn": "x"}
                self.invoke(self.stack.resources["SettleEndedExecutionFunction"], {"detail": detail})

    def running(self):
        return [one for one in map(self.record, self.ids) if not one.status.ended]


def guilty(chaos, record):
    """What the ledger says of a workflow, for who must find out why."""
    found = chaos.items(keys.partition(record.workflow_id))
    lines = [{name: value for name, value in item.items() if name not in ("body", "pk")} for item in found]
    return f"seed {SEED}\n" + json.dumps(lines, default=str, indent=1)[:6000]


def test_workflows_end_once_whatever_is_killed(stack):
    chaos = Chaos(stack)
    killed = 0
    for turn in range(WORKFLOWS // AT_ONCE):
        new = chaos.submit()
        if turn % 3 == 2:
            # What was answered is on the disk then; what its execution does is lost with the stack.
            stack.settle_to_disk()
            stack.restart(kill=True)
        for workflow_id in new:
            chaos.deliver_again(workflow_id)
        if turn % 2:
            killed += stack.kill_functions()
        chaos.ended_events()
    # The schedule's minute, sooner.
    reconcile = partial(chaos.invoke, stack.resources["ReconcileWorkflowsFunction"], {})
    until(lambda: (reconcile(), chaos.running())[1], lambda left: not left, within=150)
    assert killed > 0
    ends = Counter()
    for record in map(chaos.record, chaos.ids):
        found = chaos.items(keys.partition(record.workflow_id))
        said = [item["action"] for item in found if item["sk"].startswith("AUDIT#")]
        assert sum(action in list(Status) and Status(action).ended for action in said) == 1, guilty(chaos, record)
        results = [item for item in found if item["sk"].startswith("RESULT#") and "bytes" in item]
        if record.status is Status.COMPLETED:
            kept = {item["service"] for item in results if item["attempt"] == record.attempt}
            assert kept >= set(record.services), guilty(chaos, record)
        else:
            assert record.errors, guilty(chaos, record)
        ends[str(record.status)] += 1
    assert ends.total() == WORKFLOWS
    assert ends["completed"] >= 0.95 * WORKFLOWS, f"{dict(ends)}, {killed} functions killed"
    assert until(lambda: chaos.items(keys.global_leases()), lambda held: not held, within=30) == []
    for number in range(TENANTS):
        assert chaos.items(keys.tenant_leases(f"{chaos.run}-{number}")) == []
