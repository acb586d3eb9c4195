"""The reconciler: compares what the ledger believes with what runs, and repairs what a fault left behind."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from pydantic import BaseModel

from besunny.clock import from_iso
from besunny.observability.logs import logger
from besunny.observability.metrics import emit_count
from besunny.orchestration.admission import about
from besunny.orchestration.endings import settle_unfinished
from besunny.orchestration.leases import Lease
from besunny.orchestration.parts import Parts
from besunny.orchestration.records import Status, WorkflowRecord
from besunny.orchestration.table import ConditionLostError

MAX_ATTEMPTS = 3
# An execution that began or ended this recently is still in the hands of its own start or settlement.
_GRACE = timedelta(seconds=20)
_ACTOR = "system:reconciler"


class Repairs(BaseModel):
    """What one run of the reconciler did, by kind, and what it leaves.

    Attributes:
        waiting_with_room: tenants whose work waits although no limit holds it; the alarm's figure.
    """

    leases: int
    repaired: dict[str, int]
    started: int
    waiting_with_room: int


def reconcile(parts: Parts, *, now: datetime) -> Repairs:
    """Look at every lease once, repair, then start what waits.

    Raises:
        ExceptionGroup: some leases could not be repaired; all the others were, and what waits was started.
    """
    repaired: Counter[str] = Counter()
    failed: list[Exception] = []
    leases = parts.leases.taken()
    for lease in leases:
        of_lease = {"workflow_id": lease.workflow_id, "attempt": lease.attempt}
        try:
            kind = _repair(parts, lease, now)
        except Exception as error:
            # Whatever it is, it must not hold up the others; it is raised once they are done.
            logger().exception("not repaired", extra=of_lease)
            failed.append(error)
            continue
        if kind:
            repaired[kind] += 1
            logger().warning("repaired", extra={"repair": kind, **of_lease})
    started = parts.admission.dispatch(actor=_ACTOR, now=now)
    left = parts.admission.waiting_with_room()
    emit_count("ReconcilerRepairs", sum(repaired.values()))
    emit_count("RepairsFailed", len(failed))
    emit_count("WaitingWithFreeSlots", left)
    if failed:
        raise ExceptionGroup("some leases could not be repaired", failed)
    return Repairs(leases=len(leases), repaired=dict(repaired), started=len(started), waiting_with_room=left)


def _repair(parts: Parts, lease: Lease, now: datetime) -> str | None:
    record = parts.store.record(lease.workflow_id)
    if record is None or record.status is not Status.RUNNING or record.attempt != lease.attempt:
        return _drop(parts, lease)
    if now - from_iso(lease.taken_at) < _GRACE:
        return None
    status = parts.executions.status(record)
    if now >= from_iso(lease.expires_at_moment):
        parts.executions.stop(record, cause="its lease has expired")
        return _again(parts, record, "TIMED_OUT", now)
    return _by_execution(parts, record, status, now)


def _by_execution(parts: Parts, record: WorkflowRecord, status: str | None, now: datetime) -> str | None:
    """What to do with a running record whose lease is good, by the state of its execution."""
    if status == "RUNNING":
        return None
    if status is None:
        # It crashed between the ledger's write and the start.
        parts.admission.launch(record)
        return "execution_started"
    # It ended and nothing settled it; what Step Functions itself timed out is not tried again.
    if status == "TIMED_OUT":
        settle_unfinished(parts, record.workflow_id, record.attempt, outcome=status, cause=None, actor=_ACTOR, now=now)
        return "settled"
    return _again(parts, record, "FAILED", now)


def _again(parts: Parts, record: WorkflowRecord, outcome: str, now: datetime) -> str | None:
    """A new attempt after a fault, a bounded number of times; then the end."""
    if record.attempt >= MAX_ATTEMPTS:
        cause = f"{record.attempt} attempts ended without a result being settled"
        settle_unfinished(
            parts, record.workflow_id, record.attempt, outcome=outcome, cause=cause, actor=_ACTOR, now=now
        )
        return "settled"
    try:
        parts.ledger.requeue(record, actor=_ACTOR, now=now)
    except ConditionLostError:
        logger().info("settled meanwhile", extra=about(record))
        return None
    return "requeued"


def _drop(parts: Parts, lease: Lease) -> str | None:
    """A lease whose workflow does not run: read the lease again first, for it may just have been given back."""
    if all(held.owner != lease.owner for held in parts.leases.taken()):
        return None
    try:
        parts.leases.drop(lease)
    except ConditionLostError:
        return None
    return "lease_dropped"
