"""The reconciler: compares what the ledger believes with what runs, and repairs what a fault left behind."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from pydantic import BaseModel

from besunny.clock import from_iso
from besunny.observability.logs import logger
from besunny.observability.metrics import emit_count
from besunny.orchestration.endings import MAX_ATTEMPTS, end_or_repeat, repeat
from besunny.orchestration.executions import Execution
from besunny.orchestration.leases import Lease
from besunny.orchestration.parts import Parts
from besunny.orchestration.records import Status, WorkflowRecord
from besunny.orchestration.table import ConditionLostError

# An execution that began or ended this recently is still in the hands of its own start or settlement.
_GRACE = timedelta(seconds=20)
_ACTOR = "system:reconciler"
_MAX_STARTS = 100
_MAX_JOINED = 1_000


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
        ExceptionGroup: some leases, or workflows that joined others, could not be repaired; all the others were, and
            what waits was started.
    """
    repaired: Counter[str] = Counter()
    failed: list[Exception] = []
    leases = parts.leases.taken()
    for lease in leases:
        of_lease = {"workflow_id": lease.workflow_id, "attempt": lease.attempt}
        try:
            kind = _repair(parts, lease, now)
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not hold up the others
            # It is raised once they are done.
            logger().exception("not repaired", extra=of_lease)
            failed.append(error)
            continue
        if kind:
            repaired[kind] += 1
            logger().warning("repaired", extra={"repair": kind, **of_lease})
    took_over = _answer_what_joined(parts, now, failed)
    started = parts.admission.dispatch(actor=_ACTOR, now=now, most=_MAX_STARTS, hints=took_over)
    left = parts.admission.waiting_with_room()
    emit_count("ReconcilerRepairs", sum(repaired.values()))
    emit_count("RepairsFailed", len(failed))
    emit_count("WaitingWithFreeSlots", left)
    if failed:
        raise ExceptionGroup("some leases or joined workflows could not be repaired", failed)
    return Repairs(leases=len(leases), repaired=dict(repaired), started=len(started), waiting_with_room=left)


def _answer_what_joined(parts: Parts, now: datetime, failed: list[Exception]) -> list[WorkflowRecord]:
    """Look at what waits for equal work whose end it may have missed; gives what does that work itself now."""
    took_over = []
    for cache_key in parts.joining.cache_keys(most=_MAX_JOINED, now=now):
        try:
            leader = parts.joining.recover(cache_key, actor=_ACTOR, now=now)
        except Exception as error:  # noqa: BLE001 - as above
            logger().exception("what joined was not looked at", extra={"cache_key": cache_key})
            failed.append(error)
            continue
        if leader:
            took_over.append(leader)
    return took_over


def _repair(parts: Parts, lease: Lease, now: datetime) -> str | None:
    record = parts.store.record(lease.workflow_id)
    if record is None or record.status is not Status.RUNNING or record.attempt != lease.attempt:
        return _drop(parts, lease)
    if now - from_iso(lease.taken_at) < _GRACE:
        return None
    execution = parts.executions.find(record)
    if execution is not None and execution.status != "RUNNING":
        return _ended(parts, record, execution, now)
    if now >= from_iso(lease.expires_at_moment):
        return _expired(parts, record, now)
    if execution is None:
        # It crashed between the ledger's write and the start.
        parts.admission.launch(record)
        return "execution_started"
    return None


def _ended(parts: Parts, record: WorkflowRecord, execution: Execution, now: datetime) -> str | None:
    if execution.ended_at is not None and now - execution.ended_at < _GRACE:
        return None  # its event is on the way
    end = end_or_repeat(parts, record.workflow_id, record.attempt, execution, actor=_ACTOR, now=now)
    if end is None:
        return None
    return "settled" if end.ended else "repeated"


def _expired(parts: Parts, record: WorkflowRecord, now: datetime) -> str | None:
    """An execution that outlived its lease, or never began: a new attempt, a bounded number of times; then the end."""
    if record.attempt >= MAX_ATTEMPTS:
        cause = f"the lease of attempt {record.attempt} expired"
        ended = Execution("TIMED_OUT", cause=cause)
        kind = (
            "settled"
            if end_or_repeat(parts, record.workflow_id, record.attempt, ended, actor=_ACTOR, now=now)
            else None
        )
    else:
        kind = "repeated" if repeat(parts, record, actor=_ACTOR, now=now) else None
    if kind:
        # The ledger first: stopping it sends an event, which must find that this attempt is over.
        parts.executions.stop(record, cause="its lease has expired")
    return kind


def _drop(parts: Parts, lease: Lease) -> str | None:
    """A lease whose workflow does not run: read the lease again first, for it may just have been given back."""
    if all(held.owner != lease.owner for held in parts.leases.taken()):
        return None
    try:
        parts.leases.drop(lease)
    except ConditionLostError:
        return None
    return "lease_dropped"
