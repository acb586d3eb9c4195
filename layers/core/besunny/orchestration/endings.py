"""How an end that no task could write reaches the ledger: by a state of its machine, or by the execution's event."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from besunny.clock import to_iso
from besunny.errors import UnavailableError
from besunny.observability.logs import logger
from besunny.orchestration.admission import about
from besunny.orchestration.executions import Execution, attempt_of
from besunny.orchestration.outcomes import Outcome
from besunny.orchestration.parts import Parts
from besunny.orchestration.records import Status, Usage, WorkflowError, WorkflowRecord
from besunny.orchestration.settlement import readable
from besunny.orchestration.table import ConditionLostError

MAX_ATTEMPTS = 3
_TRIES = 5
_ACTOR = "system:settle_workflow"
# AWS has no such error: the laptop's engine ends what ran when it was stopped.
_RESTARTED = "States.ServiceRestart"
_VERDICTS = {
    "SUCCEEDED": Status.FAILED,
    "TIMED_OUT": Status.TIMED_OUT,
    "FAILED": Status.FAILED,
    "ABORTED": Status.FAILED,
}
_MESSAGES = {
    "SUCCEEDED": "the execution ended and nothing was settled",
    "TIMED_OUT": "the execution took longer than its limit",
    "FAILED": "the execution failed",
    "ABORTED": "the execution was stopped from outside",
}


def settle(parts: Parts, event: dict[str, Any], *, now: datetime) -> Status | None:
    """Settle what no task did: a service that failed, or a batch whose items are done.

    Args:
        event: `{workflow_id, attempt, usage}`, and Step Functions' `error` where there was one; of a failed service
            `service` too, and where it is of a batch's item its `record`.

    Returns:
        The workflow's end; None where other services are still to end, or the settlement was refused.
    """
    usage = Usage.model_validate(event.get("usage") or {})
    error = _error_of(event)
    if "service" in event:
        return _keep_failure(parts, event, Outcome(service=event["service"], error=error), usage, now)
    return parts.settlement.settle(
        event["workflow_id"], event["attempt"], usage=usage, error=error, actor=_ACTOR, now=now
    )


def _error_of(event: dict[str, Any]) -> WorkflowError | None:
    found = event.get("error")
    if not found:
        return None
    code, message = str(found.get("Error", "Error")), readable(found.get("Cause"))
    return WorkflowError(service=event.get("service"), code=code, message=message)


def _keep_failure(parts: Parts, event: dict[str, Any], outcome: Outcome, usage: Usage, now: datetime) -> Status | None:
    """A failed service's outcome, kept after another look where others end in the same moment."""
    if event.get("record"):
        _adopt(parts, event["record"], now)
    for turn in range(_TRIES):
        record = parts.store.record(event["workflow_id"])
        # A retry after a lost answer may have stored its result before: that counts.
        if record is None or not record.awaits(outcome.service, event["attempt"]):
            return None
        if turn and parts.store.batch_has_ended(record):
            return None
        try:
            return parts.settlement.keep(record, outcome, None, usage=usage, actor=_ACTOR, now=now)
        except ConditionLostError:
            continue
    raise UnavailableError("the workflow changes with each look; settle it again")


def settle_ended_execution(parts: Parts, event: dict[str, Any], *, now: datetime) -> Status | None:
    """Settle a workflow whose execution failed, timed out or was stopped, so that its last state never ran.

    Args:
        event: EventBridge's `Step Functions Execution Status Change`.

    Returns:
        As `end_or_repeat`.
    """
    detail = event["detail"]
    workflow_id, attempt = attempt_of(detail["name"])
    ended = Execution(detail["status"], error=detail.get("error"), cause=detail.get("cause"))
    return end_or_repeat(parts, workflow_id, attempt, ended, actor="system:event", now=now)


def end_or_repeat(
    parts: Parts, workflow_id: str, attempt: int, ended: Execution, *, actor: str, now: datetime
) -> Status | None:
    """What becomes of a workflow whose execution ended and settled nothing, whoever finds it.

    Returns:
        Its end; RUNNING where only a restart of the engine ended it, and its next attempt began; None where it had
        ended, or runs another attempt.
    """
    if ended.error == _RESTARTED and attempt < MAX_ATTEMPTS:
        record = parts.store.record(workflow_id)
        if record is None or record.status is not Status.RUNNING or record.attempt != attempt:
            return None
        return Status.RUNNING if repeat(parts, record, actor=actor, now=now) else None
    outcome = ended.status
    message = _MESSAGES[outcome] + (f": {readable(ended.cause)}" if ended.cause else "")
    return parts.settlement.settle(
        workflow_id,
        attempt,
        actor=actor,
        now=now,
        verdict=_VERDICTS[outcome],
        error=WorkflowError(code=f"Execution.{outcome}", message=message),
    )


def repeat(parts: Parts, record: WorkflowRecord, *, actor: str, now: datetime) -> bool:
    """Begin the next attempt of a running workflow; False where it was settled meanwhile."""
    try:
        again = parts.ledger.repeat(record, actor=actor, now=now)
    except ConditionLostError:
        logger().info("settled meanwhile", extra=about(record))
        return False
    parts.admission.launch(again)
    return True


def _adopt(parts: Parts, fields: dict[str, Any], now: datetime) -> None:
    """The item of a batch whose task failed before it could begin has no record yet, and must have one to fail."""
    record = WorkflowRecord.model_validate({**fields, "started_at": to_iso(now)})
    if parts.store.record(record.workflow_id) is not None:
        return
    try:
        parts.ledger.adopt(record, now=now)
    except ConditionLostError:
        logger().info("the item was adopted meanwhile, or its batch has ended", extra={"workflow_id": record.parent_id})
