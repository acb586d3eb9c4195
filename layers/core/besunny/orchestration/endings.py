"""How an execution's end reaches the ledger: by its last state, or by the event that it ended otherwise."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from besunny.clock import to_iso
from besunny.observability.logs import logger
from besunny.orchestration.admission import about
from besunny.orchestration.creation import transitions_of
from besunny.orchestration.executions import Execution, attempt_of
from besunny.orchestration.parts import Parts
from besunny.orchestration.records import Status, Usage, WorkflowError, WorkflowRecord
from besunny.orchestration.settlement import Branch, readable
from besunny.orchestration.table import ConditionLostError

MAX_ATTEMPTS = 3
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


def settle_last_state(parts: Parts, event: dict[str, Any], *, now: datetime) -> Status | None:
    """Settle what a machine carried to its last state.

    Args:
        event: the execution's input, with `branches` (a list, or one under `branch`) and, where it failed as a whole,
            `error`; of a batch's item its `record` too.

    Returns:
        The end, or None where the settlement was refused.
    """
    found = event.get("branches") or ([event["branch"]] if event.get("branch") else [])
    branches = [Branch.model_validate(branch) for branch in found]
    if event.get("record"):
        _adopt(parts, event["record"], now)
    kind = event.get("workflow_type", "")
    ran = sum(1 for branch in branches if not branch.skipped)
    usage = Usage.model_validate(event.get("usage") or {}).plus(Usage(transitions=transitions_of(kind, ran)))
    return parts.settlement.settle(
        event["workflow_id"],
        event["attempt"],
        branches=branches,
        usage=usage,
        actor="system:settle_workflow",
        now=now,
        error=_whole_error(event.get("error")),
    )


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
        branches=[],
        usage=Usage(),
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


def _whole_error(found: Any) -> WorkflowError | None:
    if not found:
        return None
    return WorkflowError(code=str(found.get("Error", "Error")), message=readable(found.get("Cause")))
