"""Why a workflow waits, behind how many others, and until when."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from besunny.clock import from_iso, to_iso
from besunny.orchestration.forecast import Runs, Waits, start_of
from besunny.orchestration.leases import Lease
from besunny.orchestration.models import WorkflowWaiting
from besunny.orchestration.parts import Parts
from besunny.orchestration.records import Status, WorkflowRecord
from besunny.orchestration.store import waiting_as

# So much of the queue is played forward: what stands behind it is told a place that is too early.
_LOOKED_AT = 1_000
# Something that has taken longer than is usual may take on as long as this share of the usual.
_OVERDUE = 0.1


def place_in_line(parts: Parts, record: WorkflowRecord, now: datetime) -> WorkflowWaiting:
    """What a queued workflow waits for."""
    if record.joined_to is not None and record.cache_key is not None:
        leader = parts.joining.leader_of(record.cache_key, now=now)
        if leader is None or leader.status is not Status.QUEUED:
            started = leader.started_at if leader else None
            return WorkflowWaiting(position=0, limited_by="joined", limit=1, in_use=1, expected_start=started)
        record = leader
    taken = parts.leases.taken()
    own = sum(1 for lease in taken if lease.tenant_id == record.tenant_id)
    limits = parts.leases.limits
    limited_by, limit, in_use = "none", limits.in_all, len(taken)
    if own >= limits.of_tenant:
        limited_by, limit, in_use = "tenant", limits.of_tenant, own
    elif len(taken) >= limits.in_all:
        limited_by = "global"
    line = parts.store.line(up_to=_LOOKED_AT)
    if all(one.workflow_id != record.workflow_id for one in line):
        line.append(waiting_as(record))  # the index does not show it yet
    usual = _Usual(parts, now)
    known = usual.seconds(record.services) is not None
    start = start_of(
        record.workflow_id,
        [Waits(one.workflow_id, one.tenant_id, one.rank, usual.seconds(one.services) or 1.0) for one in line],
        [Runs(lease.tenant_id, usual.seconds_left(lease)) for lease in taken],
        in_all=limits.in_all,
        of_tenant=limits.of_tenant,
        weights=parts.weights,
    )
    return WorkflowWaiting(
        position=start.place if start else len(line),
        limited_by=limited_by,
        limit=limit,
        in_use=in_use,
        expected_start=to_iso(now + timedelta(seconds=start.seconds)) if start and known else None,
    )


def expected_ms(parts: Parts, services: Collection[str], now: datetime) -> float | None:
    """How long the slowest of these services took on average lately; None where none ran."""
    seconds = _Usual(parts, now).seconds(services)
    return None if seconds is None else 1000 * seconds


class _Usual:
    """How long services took on average within the last two hours; each is read once."""

    def __init__(self, parts: Parts, now: datetime) -> None:
        self._parts = parts
        self._now = now
        self._means: dict[str, float | None] = {}

    def seconds(self, services: Collection[str]) -> float | None:
        """Of the slowest; None where none of them ran."""
        found = [mean for service in services if (mean := self._mean(service)) is not None]
        return max(found) / 1000 if found else None

    def seconds_left(self, lease: Lease) -> float:
        """Of what holds a lease."""
        usual = self.seconds(lease.services) or 1.0
        gone = (self._now - from_iso(lease.taken_at)).total_seconds()
        return max(usual - gone, _OVERDUE * usual)

    def _mean(self, service: str) -> float | None:
        if service not in self._means:
            self._means[service] = self._parts.store.outcomes(service, now=self._now).mean_ms
        return self._means[service]
