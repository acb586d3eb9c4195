"""The workflow ledger on moto: tables as the template makes them, and an engine that the test plays."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import itemgetter

import boto3
import pytest
from moto import mock_aws
from pydantic import BaseModel

from besunny.api.principal import Principal, Role
from besunny.aws import clients
from besunny.inference.contracts.common import Coverage
from besunny.inference.contracts.engine import EngineInfo, EngineUsage, PassedOver
from besunny.orchestration.batches import create_batch
from besunny.orchestration.creation import create_workflow
from besunny.orchestration.endings import settle
from besunny.orchestration.executions import execution_input
from besunny.orchestration.models import BatchRequest, WorkflowRequest
from besunny.orchestration.parts import parts
from besunny.orchestration.tasks import task_runner
from besunny.settings import Settings
from tests.infrastructure.template import resources

NOW = datetime(2026, 5, 4, 12, 0, 0, tzinfo=UTC)
MACHINES = ("service", "hybrid", "batch")
DOCUMENT = {"content": "The bridge piers are poured on Monday.", "projects": [{"id": "p1", "name": "Bridge"}]}
MEETING = {
    "title": "Standup",
    "segments": [{"speaker": "Ana", "text": "I will send the plan by Friday.", "start_time": 0, "end_time": 4}],
    "projects": [{"id": "p1", "name": "Bridge"}],
}


_CAUSE = '{"errorMessage": "no", "errorType": "EngineFailedError"}'


class Answered(BaseModel):
    """An answer that says what it was computed from, so that two inputs can be told apart."""

    engine: EngineInfo = EngineInfo(name="test", model="none", version="1")
    coverage: Coverage = Coverage(characters=1, characters_used=1, share=1.0)
    processing_time_ms: float | None = None
    usage: EngineUsage | None = None
    passed_over: list[PassedOver] = []
    service: str
    seen: str


def answer(service, request, tenant_id, owner, wanted):
    return Answered(service=service, seen=request.model_dump_json())


@dataclass
class Stack:
    """The parts, a clock that the test moves, and the machines, played state by state."""

    now: datetime = NOW
    failing: set = field(default_factory=set)

    @property
    def parts(self):
        return parts()

    def pass_time(self, **span):
        self.now += timedelta(**span)

    def create(self, workflow_type="classification", data=None, *, caller=None, key=None, **fields):
        request = WorkflowRequest(workflow_type=workflow_type, input_data=data or DOCUMENT, **fields)
        return create_workflow(self.parts, request, caller or user(), idempotency_key=key, now=self.now)

    def record(self, workflow_id):
        return self.parts.store.record(workflow_id)

    def carried(self, workflow_id):
        """What the machine of a running workflow carries."""
        return execution_input(self.record(workflow_id))

    def run(self, task, run=answer, **options):
        """One task as its function does it."""
        return task_runner(self.parts).run_task(task, run=run, memory_mb=1769, clock=lambda: self.now, **options)

    def run_tasks(self, carried):
        """Every wanted service's task, and the state that keeps the failure of one that fails."""
        return [self.run_or_fail(task) for task in tasks_of(carried)]

    def run_or_fail(self, task):
        if task["service"] not in self.failing:
            return self.run(task)
        return settle(self.parts, {**task, "error": {"Error": "Engine", "Cause": _CAUSE}}, now=self.now)

    def finish(self, workflow_id, carried=None):
        """The tasks of a running workflow; its end where they brought it about."""
        had_ended = self.record(workflow_id).status.ended
        self.run_tasks(carried or self.carried(workflow_id))
        status = self.record(workflow_id).status
        return status if status.ended and not had_ended else None

    def batch(self, *requests, caller=None, key=None):
        body = BatchRequest(workflows=[WorkflowRequest(**request) for request in requests])
        return create_batch(self.parts, body, caller or user(), idempotency_key=key, now=self.now)

    def items(self, batch_id):
        """The items of a batch, as its Map reads them: the tasks of each."""
        found = clients.s3().get_object(Bucket="data", Key=self.record(batch_id).input.key)
        by_item = groupby(json.loads(found["Body"].read()), key=itemgetter("workflow_id"))
        return [{"workflow_id": workflow_id, "tasks": list(tasks)} for workflow_id, tasks in by_item]

    def run_item(self, item):
        """The tasks of an item; its end where they brought it about."""
        record = self.record(item["workflow_id"])
        had_ended = record is not None and record.status.ended
        for task in item["tasks"]:
            self.run_or_fail(task)
        record = self.record(item["workflow_id"])
        return record.status if record is not None and record.status.ended and not had_ended else None

    def settle(self, event):
        """The settling function's state."""
        return settle(self.parts, event, now=self.now)

    def executions(self):
        """Names of all executions that were started, with their status."""
        client = clients.stepfunctions()
        found = {}
        for machine in client.list_state_machines()["stateMachines"]:
            for execution in client.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]:
                found[execution["name"]] = execution["status"]
        return found

    def leases(self):
        return sorted(lease.owner for lease in self.parts.leases.taken())


def tasks_of(carried):
    """What a machine hands to its tasks."""
    wanted = [name for name, wanted in carried.get("services", {}).items() if wanted] or [carried["service"]]
    return [{**carried, "service": service} for service in wanted]


def user(sub="alice", tenant="acme", role=Role.USER):
    return Principal(sub=sub, tenant_id=tenant, role=role)


def note(number):
    """A request for a classification, each number another."""
    return {"workflow_type": "classification", "input_data": {**DOCUMENT, "content": f"Note {number}: béton"}}


def forget():
    """What a process keeps; tests are processes of their own."""
    for cached in (clients.dynamodb, clients.s3, clients.stepfunctions, parts):
        cached.cache_clear()
    vars(Settings)["from_environment"].__func__.cache_clear()


@pytest.fixture
def limits():
    """Global and tenant limit; parametrize to change."""
    return (4, 2)


@pytest.fixture
def stack(monkeypatch, limits):
    names = {
        "WORKFLOWS_TABLE": "WorkflowsTable",
        "CACHE_TABLE": "CacheTable",
        "PROJECTS_TABLE": "ProjectsTable",
        "FEEDBACK_TABLE": "FeedbackTable",
    }
    environment = {
        **names,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "POWERTOOLS_METRICS_NAMESPACE": "BeSunny",
        "DATA_BUCKET": "data",
        "GLOBAL_LIMIT": str(limits[0]),
        "TENANT_LIMIT": str(limits[1]),
        **{
            f"{machine.upper()}_STATE_MACHINE_ARN": f"arn:aws:states:us-east-1:123456789012:stateMachine:{machine}"
            for machine in MACHINES
        },
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    forget()
    with mock_aws():
        client = boto3.client("dynamodb")
        for name in names.values():
            properties = dict(resources("AWS::DynamoDB::Table")[name])
            wanted = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
            client.create_table(TableName=name, **{key: properties[key] for key in wanted if key in properties})
        boto3.client("s3").create_bucket(Bucket="data")
        machines = boto3.client("stepfunctions")
        for machine in MACHINES:
            machines.create_state_machine(
                name=machine,
                definition='{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}',
                roleArn="arn:aws:iam::123456789012:role/r",
            )
        yield Stack()
    forget()
