"""Leases: capacity as slot items with an owner, so that what is taken can always be counted and named."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from besunny.clock import to_iso
from besunny.orchestration import keys
from besunny.orchestration.records import WorkflowRecord
from besunny.orchestration.table import Table, Write, delete, put, update


@dataclass(frozen=True)
class Limits:
    """How many workflows run at once: in all, and of one tenant."""

    in_all: int
    of_tenant: int


class Lease(BaseModel):
    """A taken slot.

    Attributes:
        owner: `<workflow_id>-<attempt>`.
        services: what its workflow runs; none of a batch.
        expires_at_moment: when the reconciler takes it back (ISO 8601); expiry alone frees nothing, so that a slot is
            free only once the ledger says what became of its workflow.
    """

    slot: int
    owner: str
    workflow_id: str
    attempt: int
    tenant_id: str
    services: list[str] = []
    taken_at: str
    expires_at_moment: str


@dataclass(frozen=True)
class Slots:
    """A free slot of each limit, to be taken together."""

    of_all: int
    of_tenant: int


class Leases:
    """The slots of the global limit and of each tenant's."""

    def __init__(self, table: Table, limits: Limits) -> None:
        self._table = table
        self.limits = limits

    def taken(self) -> list[Lease]:
        """All leases, of every tenant, read consistently."""
        return self._in(keys.global_leases())

    def taken_of(self, tenant_id: str) -> list[Lease]:
        """The leases of one tenant, read consistently."""
        return self._in(keys.tenant_leases(tenant_id))

    def free(self, tenant_id: str, *, taken: list[Lease], spread: int) -> Slots | None:
        """A slot of each limit that is free now, or None where a limit binds.

        Args:
            taken: what `taken()` gave; the answer is a proposal, the transaction that takes the slots decides.
            spread: any number of the workflow's own, so that many who look at once do not all reach for one slot.
        """
        of_all = _pick(taken, self.limits.in_all, spread)
        # The tenant's own leases are among all leases; a read is saved where those alone reach the limit.
        own = sum(1 for lease in taken if lease.tenant_id == tenant_id)
        if of_all is None or own >= self.limits.of_tenant:
            return None
        of_tenant = _pick(self.taken_of(tenant_id), self.limits.of_tenant, spread)
        return None if of_tenant is None else Slots(of_all, of_tenant)

    def take(self, record: WorkflowRecord, now: datetime) -> list[Write]:
        """The writes that take the slots named in a record that is about to run; refused where one is taken."""
        return [
            put(self._table, {**keys.slot(leases, number), "slot": number, **_holder(record, now)}, new=True)
            for leases, number in _slots_of(record)
        ]

    def pass_on(self, record: WorkflowRecord, again: WorkflowRecord, now: datetime) -> list[Write]:
        """The writes that pass the slots of a running record to its next attempt; refused where another holds them."""
        return [
            update(self._table, keys.slot(leases, number), put=_holder(again, now), where={"owner": record.lease_owner})
            for leases, number in _slots_of(record)
        ]

    def give_back(self, record: WorkflowRecord) -> list[Write]:
        """The writes that free the slots of a running record; refused where another holds them."""
        return [
            delete(self._table, keys.slot(leases, number), where={"owner": record.lease_owner})
            for leases, number in _slots_of(record)
        ]

    def drop(self, lease: Lease) -> None:
        """Free a global slot and its tenant's that no running workflow owns.

        Raises:
            ConditionLostError: it has another owner by now.
        """
        partner = [own for own in self.taken_of(lease.tenant_id) if own.owner == lease.owner]
        pairs = [(keys.global_leases(), lease.slot), *((keys.tenant_leases(lease.tenant_id), p.slot) for p in partner)]
        self._table.transact(
            *(delete(self._table, keys.slot(leases, number), where={"owner": lease.owner}) for leases, number in pairs)
        )

    def _in(self, leases: str) -> list[Lease]:
        items = self._table.query_all("pk = :pk", {":pk": leases})
        return [Lease.model_validate(item) for item in items]


def _holder(record: WorkflowRecord, now: datetime) -> dict[str, Any]:
    return {
        "owner": record.lease_owner,
        "workflow_id": record.workflow_id,
        "attempt": record.attempt,
        "tenant_id": record.tenant_id,
        "services": record.services,
        "taken_at": to_iso(now),
        "expires_at_moment": record.lease_expires_at,
    }


def _slots_of(record: WorkflowRecord) -> list[tuple[str, int]]:
    if record.global_slot is None or record.tenant_slot is None:
        return []
    return [
        (keys.global_leases(), record.global_slot),
        (keys.tenant_leases(record.tenant_id), record.tenant_slot),
    ]


def _pick(taken: list[Lease], limit: int, spread: int) -> int | None:
    """A free slot below the limit; None also where leases beyond a lowered limit still fill it."""
    if len(taken) >= limit:
        return None
    numbers = {lease.slot for lease in taken}
    free = [number for number in range(limit) if number not in numbers]
    return free[spread % len(free)]
