"""DELETE /workflows/{id}: ended in the ledger first, then stopped; what still computes can store nothing."""

from datetime import datetime

from besunny.clock import to_iso
from besunny.errors import ConflictError
from besunny.observability.logs import logger
from besunny.observability.metrics import emit_count
from besunny.orchestration.admission import about
from besunny.orchestration.catalogue import WorkflowType
from besunny.orchestration.models import WorkflowView
from besunny.orchestration.parts import Parts
from besunny.orchestration.records import Status, WorkflowRecord
from besunny.orchestration.store import Stored
from besunny.orchestration.table import ConditionLostError
from besunny.orchestration.view import ITEMS, full_view, owned_to_change
from besunny.orchestration.viewer import Viewer

_TRIES = 4


def cancel_workflow(parts: Parts, workflow_id: str, caller: Viewer, *, now: datetime) -> WorkflowView:
    """Cancel a workflow that has not ended; a batch with all its items.

    Raises:
        NotFoundError: no such workflow of the caller's.
        ForbiddenError: a colleague's, and the caller may only see it.
        ConflictError: it had ended.
    """
    for _ in range(_TRIES):
        loaded = owned_to_change(parts, workflow_id, caller)
        record = loaded.record
        if record.status.ended:
            raise ConflictError(f"the workflow had ended: {record.status}")
        step, unanswered = step_of(loaded)
        changes = {"status": Status.CANCELLED, "finished_at": to_iso(now), "cancelled_at_step": step}
        cancelled = record.model_copy(update=changes)
        still = [parts.store.unanswered(record, service) for service in unanswered]
        try:
            parts.ledger.end(record, cancelled, actor=caller.sub, now=now, also=still)
        except ConditionLostError:
            continue  # it was started, answered, settled or cancelled in between: look again
        if record.status is Status.RUNNING and record.parent_id is None:
            _stop(parts, record)
        if record.parent_id is None:
            next_up = parts.joining.release(cancelled, actor="system:cancel", now=now)
            parts.admission.dispatch(actor="system:cancel", now=now, hints=[next_up] if next_up else [])
        # What ended between the look and the transaction counts: nothing can end any more.
        return full_view(parts, parts.store.load(workflow_id) or Stored(cancelled), now=now)
    raise ConflictError("the workflow is changing right now; look at its status and try again")


def _stop(parts: Parts, record: WorkflowRecord) -> None:
    """Stop its execution; where that fails it runs on for nothing, for the ledger has ended the workflow."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        parts.executions.stop(record, cause="cancelled by its owner")
    except (BotoCoreError, ClientError):
        logger().exception("the execution of a cancelled workflow was not stopped", extra=about(record))
        emit_count("ExecutionsNotStopped", 1)


def step_of(loaded: Stored) -> tuple[str, list[str]]:
    """Where a workflow stands: `queued`, `items`, or the services that had not ended; and those services."""
    record = loaded.record
    if record.status is Status.QUEUED:
        return "queued", []
    if record.workflow_type is WorkflowType.BATCH:
        return ITEMS, []
    unanswered = [service for service in record.services if service not in loaded.outcomes]
    return ", ".join(unanswered) or "settling", unanswered
