"""Admission: what starts now, what waits, and which of what waits is next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from besunny.observability.logs import logger
from besunny.observability.metrics import emit_count
from besunny.orchestration.executions import Executions
from besunny.orchestration.fairness import Weights, next_of
from besunny.orchestration.leases import Lease, Leases
from besunny.orchestration.ledger import Ledger
from besunny.orchestration.records import Status, WorkflowRecord
from besunny.orchestration.store import Store, Waiting, waiting_as
from besunny.orchestration.table import ConditionLostError

# One end frees one place; a caller or a settlement that looks starts no more than these, the reconciler the rest.
_FEW = 5


class Admission:
    """Decides what runs, by leases and the queue."""

    def __init__(self, ledger: Ledger, store: Store, executions: Executions, weights: Weights) -> None:
        self._ledger = ledger
        self._store = store
        self._executions = executions
        self._weights = weights
        self._leases: Leases = ledger.leases

    def dispatch(
        self, *, actor: str, now: datetime, hints: Sequence[WorkflowRecord] = (), most: int = _FEW
    ) -> list[str]:
        """Start what waits, as far as the limits allow; gives the ids started.

        Next is the tenant that runs the least for its weight, then the best ranked.

        Args:
            actor: for the audit records.
            hints: queued records that the queue's index may not show yet.
            most: how many to start.
        """
        started: list[str] = []
        lost: set[str] = set()
        round_began = -1
        while len(started) > round_began and len(started) < most:
            round_began = len(started)
            waiting = self._waiting(hints, {*lost, *started})
            while len(started) < most:
                taken = self._leases.taken()
                if len(taken) >= self._leases.limits.in_all:
                    return started
                candidate = self._next(taken, waiting, {*lost, *started})
                if candidate is None:
                    break
                running = self._start(candidate, taken, lost, actor=actor, now=now)
                if running:
                    started.append(running.workflow_id)
                    self._store.give_turn(running.tenant_id)
                    self.launch(running)
        return started

    def _start(
        self, candidate: Waiting, taken: list[Lease], lost: set[str], *, actor: str, now: datetime
    ) -> WorkflowRecord | None:
        """Start one; None where its slots were taken meanwhile, and where it is gone or has no slot it is `lost`."""
        slots = self._leases.free(candidate.tenant_id, taken=taken, spread=spread(candidate.workflow_id))
        record = self._store.record(candidate.workflow_id) if slots else None
        if slots is None or record is None or record.status is not Status.QUEUED:
            lost.add(candidate.workflow_id)
            return None
        try:
            return self._ledger.start(record, slots, actor=actor, now=now)
        except ConditionLostError:
            return None  # another dispatcher took the slot or the workflow; look again

    def launch(self, running: WorkflowRecord) -> None:
        """Start the execution of a record that holds a lease; where that fails, the reconciler starts it."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self._executions.start(running)
        except (BotoCoreError, ClientError):
            logger().exception("the execution did not start; the reconciler will try", extra=about(running))
            emit_count("ExecutionsNotStarted", 1)

    def waiting_with_room(self) -> int:
        """How many tenants have work that waits although no limit holds it."""
        taken = self._leases.taken()
        if len(taken) >= self._leases.limits.in_all:
            return 0
        running = Counter(lease.tenant_id for lease in taken)
        waiting = {head.tenant_id for head in self._store.heads(after=self._store.turn())}
        return sum(1 for tenant_id in waiting if running[tenant_id] < self._leases.limits.of_tenant)

    def _waiting(self, hints: Sequence[WorkflowRecord], passed: set[str]) -> list[Waiting]:
        heads = self._store.heads(after=self._store.turn())
        shown = {head.tenant_id for head in heads if head.workflow_id not in passed}
        # A hint counts only where the index shows nothing of its tenant: else the tenant's own order decides.
        return [*heads, *(waiting_as(hint) for hint in hints if hint.tenant_id not in shown)]

    def _next(self, taken: list[Lease], waiting: list[Waiting], passed: set[str]) -> Waiting | None:
        running = Counter(lease.tenant_id for lease in taken)
        able = [
            head
            for head in waiting
            if head.workflow_id not in passed and running[head.tenant_id] < self._leases.limits.of_tenant
        ]
        return next_of(able, running, self._weights)


def spread(workflow_id: str) -> int:
    """A number of the workflow's own, evenly spread."""
    return int.from_bytes(sha256(workflow_id.encode()).digest()[:4], "big")


def about(record: WorkflowRecord) -> dict[str, object]:
    """What log lines say of a workflow."""
    return {"workflow_id": record.workflow_id, "attempt": record.attempt, "tenant_id": record.tenant_id}
