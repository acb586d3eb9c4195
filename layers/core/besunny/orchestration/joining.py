"""Equal work in flight is done once: what comes then joins it, and gets its answer.

Under the work's cache key stands who does it, its leader; the others have no lease and no place in the queue, but one
in `keys.JOINED`. Nothing here has to be atomic with the leader's end: whoever joins looks at the leader once more after
it is written, and the reconciler looks at all that wait. Each change of one workflow is one transaction of the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from hashlib import sha256
from typing import Any

from besunny.clock import from_iso, to_iso
from besunny.orchestration.cache import Cache, CachedWork, InFlight
from besunny.orchestration.ledger import Ledger
from besunny.orchestration.records import Status, Usage, WorkflowRecord
from besunny.orchestration.store import Store
from besunny.orchestration.table import ConditionLostError

# Of one end; the reconciler answers the rest.
_AT_ONCE = 100
_TRIES = 5
# Transactional writes of one KB: record, audit record, input and place when it is made; the first two and the place
# when it ends.
JOINED_USAGE = Usage(read_units=4, write_units=14)


class Joining:
    """What waits for the same work.

    Args:
        cache: gives it; not called where the work that ended has no cache key.
    """

    def __init__(self, ledger: Ledger, store: Store, cache: Callable[[], Cache]) -> None:
        self._ledger = ledger
        self._store = store
        self._cache = cache

    def leader_of(self, cache_key: str, *, now: datetime) -> WorkflowRecord | None:
        """The workflow that does the work; None where nobody does."""
        found = self._cache().find(cache_key, now=now)
        return self.live(found.leader) if isinstance(found, InFlight) else None

    def live(self, workflow_id: str) -> WorkflowRecord | None:
        """The record of a workflow that has not ended."""
        record = self._store.record(workflow_id)
        return None if record is None or record.status.ended else record

    def release(self, ended: WorkflowRecord, *, actor: str, now: datetime) -> WorkflowRecord | None:
        """Give its end to all that joined a workflow; where it was cancelled, the best of them takes over.

        Args:
            ended: as it stands in the ledger.

        Returns:
            What took over and waits for its start; None where nothing did.
        """
        if ended.cache_key is None or ended.joined_to is not None:
            return None
        if ended.status is Status.CANCELLED:
            return self._pass_on(ended.cache_key, instead_of=ended.workflow_id, actor=actor, now=now)
        names = ("status", "sources", "engines", "combined", "errors", "started_at", "expires_at")
        answer = {name: getattr(ended, name) for name in names}
        self._answer(ended.cache_key, {**answer, "joined_to": ended.workflow_id}, actor=actor, now=now)
        return None

    def recover(self, cache_key: str, *, actor: str, now: datetime) -> WorkflowRecord | None:
        """Do for what waits under a key what the end of its leader did not; returns as `release`."""
        found = self._cache().find(cache_key, now=now)
        if isinstance(found, CachedWork):
            answer = {"status": Status.COMPLETED, "expires_at": found.records_expire_at}
            kept = {name: getattr(found, name) for name in ("sources", "engines", "combined")}
            self._answer(cache_key, {**answer, **kept}, actor=actor, now=now)
            return None
        leader = self._store.record(found.leader) if found else None
        if leader is None:
            return self._pass_on(cache_key, instead_of=found.leader if found else None, actor=actor, now=now)
        return self.release(leader, actor=actor, now=now) if leader.status.ended else None

    def cache_keys(self, *, most: int, now: datetime) -> Iterator[str]:
        """The keys under which something waits, so many at most, each time from another place on."""
        turn = sha256(to_iso(now).encode()).hexdigest()
        found = 0
        for begin, end in ((turn, "~"), ("0", turn)):
            position = begin
            while found < most and (cache_key := self._store.next_joined(position, end)):
                yield cache_key
                found += 1
                position = f"{cache_key}~"

    def _answer(self, cache_key: str, answer: dict[str, Any], *, actor: str, now: datetime) -> None:
        for record in self._store.joined(cache_key, up_to=_AT_ONCE):
            began = max(record.created_at, answer.get("started_at") or record.created_at)
            changes = {
                "finished_at": to_iso(now),
                "processing_time_ms": round((now - from_iso(began)).total_seconds() * 1000, 3),
                "usage": JOINED_USAGE,
                **answer,
                "started_at": began,
                "expires_at": min(record.expires_at, answer["expires_at"]),
            }
            try:
                self._ledger.end(record, record.model_copy(update=changes), actor=actor, now=now)
            except ConditionLostError:
                continue  # cancelled, or answered by another who looked

    def _pass_on(self, cache_key: str, *, instead_of: str | None, actor: str, now: datetime) -> WorkflowRecord | None:
        for record in self._store.joined(cache_key, up_to=_TRIES):
            lead = self._cache().lead(record, now=now, instead_of=instead_of)
            try:
                return self._ledger.take_over(record, lead, actor=actor, now=now)
            except ConditionLostError:
                continue  # it was cancelled, or another leads by now: the reconciler looks again
        return None
