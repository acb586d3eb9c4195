"""Executions in Step Functions: their names are the workflow's id and attempt, so none starts twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from besunny.orchestration.catalogue import SERVICE_OF, SERVICES_OF_HYBRID, Machine, WorkflowType, machine_of
from besunny.orchestration.documents import encode
from besunny.orchestration.records import WorkflowRecord

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient


@dataclass(frozen=True)
class Execution:
    """What Step Functions says of an execution.

    Attributes:
        status: RUNNING, SUCCEEDED, FAILED, TIMED_OUT or ABORTED.
        ended_at, error, cause: of one that has ended; error and cause where it ended badly.
    """

    status: str
    ended_at: datetime | None = None
    error: str | None = None
    cause: str | None = None


class Executions:
    """Starts, stops and looks at executions.

    Args:
        client: gives the client; not called before an execution is needed.
        machines: ARN of each state machine.
    """

    def __init__(self, client: Callable[[], SFNClient], machines: dict[Machine, str]) -> None:
        self._make_client = client
        self._machines = machines

    @property
    def _client(self) -> SFNClient:
        return self._make_client()

    def start(self, record: WorkflowRecord) -> None:
        """Start the execution of a running record's attempt; starting it again changes nothing."""
        arn = self._machines[machine_of(record.workflow_type)]
        try:
            self._client.start_execution(
                stateMachineArn=arn, name=record.lease_owner, input=encode(execution_input(record))
            )
        except self._client.exceptions.ClientError as error:
            if error.response.get("Error", {}).get("Code") != "ExecutionAlreadyExists":
                raise

    def stop(self, record: WorkflowRecord, *, cause: str) -> None:
        """Stop the execution of a record's attempt, if it still runs."""
        try:
            self._client.stop_execution(executionArn=self._arn(record), error="Workflow.Stopped", cause=cause)
        except self._client.exceptions.ClientError as error:
            if error.response.get("Error", {}).get("Code") not in ("ExecutionDoesNotExist", "ValidationException"):
                raise

    def find(self, record: WorkflowRecord) -> Execution | None:
        """The execution of a record's attempt; None where it was never started."""
        try:
            found = self._client.describe_execution(executionArn=self._arn(record))
        except self._client.exceptions.ClientError as error:
            if error.response.get("Error", {}).get("Code") == "ExecutionDoesNotExist":
                return None
            raise
        return Execution(found["status"], found.get("stopDate"), found.get("error"), found.get("cause"))

    def _arn(self, record: WorkflowRecord) -> str:
        machine = self._machines[machine_of(record.workflow_type)]
        return machine.replace(":stateMachine:", ":execution:", 1) + ":" + record.lease_owner


def execution_input(record: WorkflowRecord) -> dict[str, Any]:
    """What the machine carries: references and switches, no document."""
    carried = {
        "workflow_id": record.workflow_id,
        "attempt": record.attempt,
        "usage": record.usage.model_dump(exclude_defaults=True),
        "input": record.input.model_dump(exclude_none=True),
    }
    if record.workflow_type is WorkflowType.BATCH:
        return {**carried, "items_key": record.input.key}
    if record.workflow_type is WorkflowType.HYBRID:
        return {**carried, "services": {service: service in record.services for service in SERVICES_OF_HYBRID}}
    return {**carried, "service": SERVICE_OF[record.workflow_type]}


def attempt_of(execution_name: str) -> tuple[str, int]:
    """Workflow id and attempt of an execution's name.

    Raises:
        ValueError: the name is not one that `start` gave.
    """
    workflow_id, _, attempt = execution_name.rpartition("-")
    return workflow_id, int(attempt)
