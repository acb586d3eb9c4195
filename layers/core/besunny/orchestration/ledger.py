"""The ledger: each change of state is one transaction, conditional on what it was, with its audit record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from besunny.audit import audit_record
from besunny.clock import from_iso, to_epoch, to_iso
from besunny.orchestration import keys
from besunny.orchestration.catalogue import BOUNDS, WorkflowType, machine_of
from besunny.orchestration.leases import Leases, Slots
from besunny.orchestration.records import Status, WorkflowRecord
from besunny.orchestration.table import Key, Table, Write, check, delete, put, update

IDEMPOTENCY_SECONDS = 86_400


class Ledger:
    """The writes of the workflows table that change a state. Each raises ConditionLostError where it came too late."""

    def __init__(self, table: Table, leases: Leases) -> None:
        self.table = table
        self.leases = leases

    def create(
        self,
        record: WorkflowRecord,
        *,
        now: datetime,
        inline_input: str | None = None,
        idempotency: Key | None = None,
        body_hash: str = "",
        also: Sequence[Write] = (),
    ) -> None:
        """Write a new workflow: queued, joined to another, running with its lease, or completed from the cache.

        Args:
            record: as it shall stand.
            inline_input: the input's JSON, where its reference says `item`.
            idempotency: key of the caller's Idempotency-Key item; refused where that is taken.
            body_hash: of the request, kept under the Idempotency-Key.
            also: more writes, such as the cache's.
        """
        writes = [put(self.table, stored(record), new=True), self._created(record, now)]
        if inline_input is not None:
            item = {**keys.input_item(record.workflow_id), "body": inline_input, "expires_at": record.expires_at}
            writes.append(put(self.table, item))
        if idempotency is not None:
            item = {**idempotency, "workflow_id": record.workflow_id, "body_hash": body_hash}
            item["expires_at"] = to_epoch(now) + IDEMPOTENCY_SECONDS
            writes.append(put(self.table, item, unless_live_at=to_epoch(now)))
        if record.status is Status.RUNNING:
            writes += self.leases.take(record, now)
        if record.joined_to is not None:
            place = {"workflow_id": record.workflow_id, "expires_at": record.expires_at}
            writes.append(put(self.table, {**keys.joined(record), **place}))
        if record.workflow_type is WorkflowType.BATCH:
            shared = {**dict.fromkeys(keys.TALLIED, 0), "expires_at": record.expires_at}
            writes += [put(self.table, {**key, **shared}) for key in keys.tallies(record.workflow_id)]
        self.table.transact(*writes, *also)

    def start(self, record: WorkflowRecord, slots: Slots, *, actor: str, now: datetime) -> WorkflowRecord:
        """Queued to running: a new attempt, with its lease."""
        running = as_running(record, slots, now)
        changed = running.model_dump(
            mode="json",
            include={"status", "attempt", "outcomes", "started_at", "lease_expires_at", "global_slot", "tenant_slot"},
        )
        where = {"status": Status.QUEUED, "attempt": record.attempt}
        self.table.transact(
            self._change(record, put=changed, remove=("ready_key", "ready_sort"), where=where, absent=("joined_to",)),
            self._audit(running, "started", actor, now),
            *self.leases.take(running, now),
        )
        return running

    def end(
        self, record: WorkflowRecord, ended: WorkflowRecord, *, actor: str, now: datetime, also: Sequence[Write] = ()
    ) -> None:
        """Running or queued to an end, once; the lease is given back in the same transaction.

        Args:
            record: as it was read; refused if its status or attempt is another by now.
            ended: the same workflow as it shall stand.
            also: more writes, such as the cache's.
        """
        fields = ("status", "finished_at", "errors", "engines", "sources", "combined", "processing_time_ms", "usage")
        changed = ended.model_dump(
            mode="json", include={*fields, "cancelled_at_step", "started_at", "expires_at", "joined_to"}
        )
        joined = {} if record.joined_to is None else {"joined_to": record.joined_to}
        writes = [
            self._change(
                record,
                put=changed,
                remove=("ready_key", "ready_sort", "global_slot", "tenant_slot", "lease_expires_at"),
                where={"status": record.status, "attempt": record.attempt, **joined},
            ),
            self._audit(ended, str(ended.status), actor, now),
            *self.leases.give_back(record),
            *also,
        ]
        if joined:
            writes.append(delete(self.table, keys.joined(record)))
        if record.parent_id is not None and record.item_index is not None:
            key = keys.tally(record.parent_id, record.item_index)
            writes.append(update(self.table, key, add={_tallied(ended.status): 1}, absent=("closed",)))
        if record.workflow_type is WorkflowType.BATCH:
            # From here on no item of the batch can end, nor store a result.
            writes += [update(self.table, key, put={"closed": True}) for key in keys.tallies(record.workflow_id)]
        self.table.transact(*writes)

    def repeat(self, record: WorkflowRecord, *, actor: str, now: datetime) -> WorkflowRecord:
        """Running to running under the next attempt, after a fault; the lease passes from the old to the new."""
        again = as_running(record, Slots(int(record.global_slot or 0), int(record.tenant_slot or 0)), now)
        changed = again.model_dump(mode="json", include={"attempt", "outcomes", "started_at", "lease_expires_at"})
        where = {"status": Status.RUNNING, "attempt": record.attempt}
        self.table.transact(
            self._change(record, put=changed, remove=(), where=where),
            self._audit(again, "repeated", actor, now),
            *self.leases.pass_on(record, again, now),
        )
        return again

    def take_over(self, joined: WorkflowRecord, lead: Write, *, actor: str, now: datetime) -> WorkflowRecord:
        """Joined to queued, in its own right: it does the work now that nobody else does.

        Args:
            lead: the cache's write that says so.
        """
        leader = joined.model_copy(update={"joined_to": None})
        place = {"ready_key": keys.READY, "ready_sort": keys.ready_sort(leader)}
        where = {"status": Status.QUEUED, "joined_to": joined.joined_to}
        self.table.transact(
            self._change(joined, put=place, remove=("joined_to",), where=where),
            delete(self.table, keys.joined(joined)),
            self._audit(leader, "took_over", actor, now),
            lead,
        )
        return leader

    def lift(self, record: WorkflowRecord, rank: int) -> None:
        """Give a queued workflow the better rank of one that joined it."""
        lifted = record.model_copy(update={"lifted_to": rank})
        place = {"lifted_to": rank, "ready_sort": keys.ready_sort(lifted)}
        where = {"status": Status.QUEUED, "ready_sort": keys.ready_sort(record)}
        self.table.transact(self._change(record, put=place, remove=(), where=where, absent=("joined_to",)))

    def adopt(self, record: WorkflowRecord, *, now: datetime) -> None:
        """Write the record of a batch's item when its work begins; refused where it exists or the batch has ended."""
        guard = keys.tally(str(record.parent_id), int(record.item_index or 0))
        self.table.transact(
            put(self.table, stored(record), new=True),
            self._audit(record, "started", "system:batch", now),
            check(self.table, guard, absent=("closed",)),
        )

    def _change(
        self,
        record: WorkflowRecord,
        *,
        put: dict[str, Any],
        remove: Sequence[str],
        where: dict[str, Any],
        absent: Sequence[str] = (),
    ) -> Write:
        key = keys.workflow(record.workflow_id)
        return update(self.table, key, put=put, remove=remove, where=where, absent=absent)

    def _created(self, record: WorkflowRecord, now: datetime) -> Write:
        """The creation's audit record; it is also the entry in the tenant's list, so the list costs no write more."""
        entry = {
            "owner_key": keys.tenant_list(record.tenant_id),
            "owner_sort": f"{record.created_at}#{record.workflow_id}",
            "workflow_id": record.workflow_id,
        }
        return self._audit(record.model_copy(update={"attempt": 0}), "created", record.owner, now, entry)

    def _audit(
        self, record: WorkflowRecord, action: str, actor: str, now: datetime, more: dict[str, Any] | None = None
    ) -> Write:
        detail = {"attempt": record.attempt, "status": str(record.status)}
        if record.cancelled_at_step:
            detail["step"] = record.cancelled_at_step
        if record.joined_to:
            detail["joined_to"] = record.joined_to
        entry = audit_record(
            subject=f"workflow/{record.workflow_id}", action=action, actor=actor, now=now, detail=detail
        )
        key = keys.audit(record.workflow_id, now, action, record.attempt)
        return put(self.table, {**key, **entry, "expires_at": record.expires_at, **(more or {})})


def _tallied(end: Status) -> str:
    """Which of `keys.TALLIED` an item's end counts as."""
    if end is Status.CANCELLED:
        return "cancelled"
    return "done" if end in (Status.COMPLETED, Status.PARTIALLY_COMPLETED) else "failed"


def creation_key(record: WorkflowRecord) -> Key:
    """Key of a workflow's creation record."""
    return keys.audit(record.workflow_id, from_iso(record.created_at), "created", 0)


def as_running(record: WorkflowRecord, slots: Slots, now: datetime) -> WorkflowRecord:
    """The record as its next attempt runs, in these slots."""
    lease = timedelta(seconds=BOUNDS[machine_of(record.workflow_type)].lease_seconds)
    changes = {
        "status": Status.RUNNING,
        "attempt": record.attempt + 1,
        "outcomes": [],
        "started_at": to_iso(now),
        "lease_expires_at": to_iso(now + lease),
        "global_slot": slots.of_all,
        "tenant_slot": slots.of_tenant,
    }
    return record.model_copy(update=changes)


def stored(record: WorkflowRecord) -> dict[str, Any]:
    """The record as its item, with its places in the lists and, while it waits, in the queue."""
    item = {**keys.workflow(record.workflow_id), **record.model_dump(mode="json", exclude_none=True)}
    if record.parent_id is not None:
        item["owner_key"] = keys.items_list(record.parent_id)
        item["owner_sort"] = f"{record.item_index:09d}"
    else:
        item["owner_key"] = keys.owner_list(record.tenant_id, record.owner)
        item["owner_sort"] = f"{record.created_at}#{record.workflow_id}"
    if record.status is Status.QUEUED and record.joined_to is None:
        item["ready_key"] = keys.READY
        item["ready_sort"] = keys.ready_sort(record)
    return item
