"""Reads of the workflows table, and the writes that change no state: results and outcomes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from besunny.clock import to_epoch, to_iso
from besunny.inference.contracts.engine import EngineTries
from besunny.orchestration import keys
from besunny.orchestration.documents import StoredResult
from besunny.orchestration.outcomes import Outcome
from besunny.orchestration.records import ResultSource, Status, WorkflowRecord
from besunny.orchestration.table import Key, Table, Write, check, put, update

OUTCOME_SECONDS = 8 * 86_400
# Of one tenant: the index may still show some that have just started.
_HEADS = 3
_TURN = {"pk": "TURN", "sk": "TURN"}


@dataclass
class Stored:
    """A workflow with what one Query reads of it.

    Attributes:
        results: by (attempt, service).
        outcomes: of the services that have ended in the present attempt, by service; those that failed too.
        tries: what engines did for tasks that gave no result, by service.
        done, failed, cancelled: items of a batch that have ended, each in its way.
    """

    record: WorkflowRecord
    results: dict[tuple[int, str], StoredResult] = field(default_factory=dict)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    done: int = 0
    failed: int = 0
    cancelled: int = 0
    tries: list[tuple[str, EngineTries]] = field(default_factory=list)


@dataclass(frozen=True)
class Waiting:
    """A place in the queue, as its index shows it: what stands there may have started a moment ago.

    Attributes:
        rank: milliseconds; smaller goes first.
    """

    workflow_id: str
    tenant_id: str
    rank: int
    services: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcomes:
    """A service's executions in a span of time.

    Attributes:
        milliseconds: of those that succeeded, together; one that failed took no time worth averaging.
        last_at: ISO 8601, or None where there was none.
        last_failure: why the last one that failed did, of engines alone.
    """

    count: int
    errors: int
    milliseconds: float
    last_at: str | None
    last_ok: bool | None
    last_failure: str | None = None

    @property
    def error_share(self) -> float | None:
        """0 to 1; None where nothing ran."""
        return self.errors / self.count if self.count else None

    @property
    def mean_ms(self) -> float | None:
        """Mean of those that succeeded; None where none did."""
        succeeded = self.count - self.errors
        return self.milliseconds / succeeded if succeeded else None


class Store:
    """What is kept of workflows."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def record(self, workflow_id: str) -> WorkflowRecord | None:
        """The record alone."""
        item = self.table.get(keys.workflow(workflow_id))
        return WorkflowRecord.model_validate(item) if item else None

    def load(self, workflow_id: str) -> Stored | None:
        """The record, its results and its counters, by one consistent Query."""
        loaded, torn = self._load(workflow_id)
        if torn:
            loaded, _ = self._load(workflow_id)
        return loaded

    def _load(self, workflow_id: str) -> tuple[Stored | None, bool]:
        """As `load`, and whether the counters were read before a batch's end and its record after it."""
        values = {":pk": keys.partition(workflow_id), ":first": "RESULT"}
        record: WorkflowRecord | None = None
        results: dict[tuple[int, str], StoredResult] = {}
        ends: dict[tuple[int, str], Outcome] = {}
        counts: Counter[str] = Counter()
        tries: list[tuple[str, EngineTries]] = []
        still_open = False
        for item in self.table.query_all("pk = :pk AND sk >= :first", values):
            kind = item["sk"].split("#")[0]
            if kind == "RESULT":
                place = (int(item["attempt"]), item["service"])
                if "bytes" in item:
                    results[place] = StoredResult.model_validate(item)
                if "outcome" in item:
                    ends[place] = Outcome.model_validate(item["outcome"])
            elif kind == "TRIES":
                tries.append((item["service"], EngineTries.model_validate(item)))
            elif kind == "TALLY":
                counts.update({end: item.get(end, 0) for end in keys.TALLIED})
                still_open = still_open or "closed" not in item
            elif kind == "WORKFLOW":
                record = WorkflowRecord.model_validate(item)
        if record is None:
            return None, False
        outcomes = {service: end for (attempt, service), end in ends.items() if attempt == record.attempt}
        return Stored(record, results, outcomes, **counts, tries=tries), record.status.ended and still_open

    def batch_has_ended(self, record: WorkflowRecord) -> bool:
        """Whether a record is an item of a batch that has ended: nothing of it can end any more."""
        batch = self.record(record.parent_id) if record.parent_id else None
        return batch is not None and batch.status.ended

    def result(self, source: ResultSource, service: str) -> StoredResult | None:
        """A result stored under another workflow or attempt."""
        item = self.table.get(keys.result(source.workflow_id, source.attempt, service))
        return StoredResult.model_validate(item) if item else None

    def outcome(self, source: ResultSource, service: str) -> Outcome | None:
        """What a service came to in another workflow or attempt."""
        item = self.table.get(keys.result(source.workflow_id, source.attempt, service))
        return Outcome.model_validate(item["outcome"]) if item else None

    def put_outcome(
        self, record: WorkflowRecord, outcome: Outcome, result: StoredResult | None, *, beside: Sequence[Write] = ()
    ) -> None:
        """Keep what a service of a running attempt came to, where others of its workflow are still to end.

        Args:
            record: as it was read just before: its outcomes must be the same still, so that whoever is last knows.
            result: None where the service failed.
            beside: what is written with it, of this table or another, all or none.

        Raises:
            ConditionLostError: the workflow no longer runs that attempt, another service or this one ended meanwhile,
                its batch has ended, or a condition of `beside` did not hold.
        """
        where = {"status": Status.RUNNING, "attempt": record.attempt, "outcomes": record.outcomes}
        known = {"outcomes": [*record.outcomes, outcome.service]}
        noted = update(self.table, keys.workflow(record.workflow_id), put=known, where=where)
        writes = [self.outcome_write(record, outcome, result), noted]
        if record.parent_id is not None and record.item_index is not None:
            writes.append(check(self.table, keys.tally(record.parent_id, record.item_index), absent=("closed",)))
        self.table.transact(*writes, *beside)

    def put_tries(self, record: WorkflowRecord, service: str, tries: EngineTries, *, now: datetime) -> None:
        """Note what engines did for a task that gave no result, for the cost and the engines' health."""
        key = keys.tries(record.workflow_id, record.attempt, service, now)
        item = {**key, **tries.model_dump(mode="json"), "service": service, "expires_at": record.expires_at}
        self.table.transact(put(self.table, item))

    def outcome_write(self, record: WorkflowRecord, outcome: Outcome, result: StoredResult | None) -> Write:
        """The write of what a service came to, refused where it has ended in this attempt before."""
        kept = {**(result.model_dump() if result else {}), "outcome": outcome.model_dump(mode="json")}
        return self._at(record, outcome.service, kept, new=True)

    def combined_write(self, record: WorkflowRecord, result: StoredResult) -> Write:
        """The write of a hybrid's combined result, for the transaction of its end."""
        return self._at(record, result.service, result.model_dump())

    def _at(self, record: WorkflowRecord, service: str, kept: dict[str, Any], *, new: bool = False) -> Write:
        key = keys.result(record.workflow_id, record.attempt, service)
        named = {"service": service, "attempt": record.attempt, "expires_at": record.expires_at}
        return put(self.table, {**key, **kept, **named}, new=new)

    def unanswered(self, record: WorkflowRecord, service: str) -> Write:
        """The condition that a service has not ended in a record's attempt, for a transaction that says so."""
        return check(self.table, keys.result(record.workflow_id, record.attempt, service), absent=("pk",))

    def idempotent(self, key: Key, now: datetime) -> tuple[str, str] | None:
        """The workflow id and body hash under an Idempotency-Key that is still live."""
        item = self.table.get(key)
        if item is None or item["expires_at"] <= to_epoch(now):
            return None
        return item["workflow_id"], item["body_hash"]

    def page_of_list(
        self, list_key: str, *, limit: int, start: Key | None, newest_first: bool = True
    ) -> tuple[list[WorkflowRecord], Key | None]:
        """One page of a list of `by_owner`, and the position to go on from."""
        position = None if start is None else {**start, "owner_key": list_key}
        items, last = self.table.query(
            "owner_key = :key",
            {":key": list_key},
            index="by_owner",
            limit=limit,
            start=position,
            newest_first=newest_first,
        )
        ids = [item["pk"].removeprefix("W#") for item in items]
        found = {item["workflow_id"]: item for item in self.table.get_many([keys.workflow(one) for one in ids])}
        records = [WorkflowRecord.model_validate(found[one]) for one in ids if one in found]
        return records, None if last is None else {name: last[name] for name in ("owner_sort", "pk", "sk")}

    def heads(self, *, after: str | None = None, tenants: int = 50) -> list[Waiting]:
        """The best waiting workflows of each tenant, a few of each, for at most so many tenants.

        Args:
            after: the tenant after which, in the order of their names, the look begins; it goes round to that tenant.
        """
        # DynamoDB takes no empty text; a quoted tenant lies between a blank and DEL.
        begin, turn, end = " ", " " if after is None else keys.ready_tenant(after) + "~", "\x7f"
        found: list[Waiting] = []
        seen = 0
        for first, last in ((turn, end), (begin, turn)):
            position = first
            while seen < tenants and position < last:
                items, _ = self.table.query(
                    "ready_key = :key AND ready_sort BETWEEN :first AND :last",
                    {":key": keys.READY, ":first": position, ":last": last},
                    index="ready",
                    limit=_HEADS,
                )
                if not items:
                    break
                waiting = [_place(item) for item in items]
                tenant_id = waiting[0].tenant_id
                found += [one for one in waiting if one.tenant_id == tenant_id]
                seen += 1
                # `~` sorts after every digit of a rank: the next query begins at the next tenant.
                position = keys.ready_tenant(tenant_id) + "~"
        return found

    def joined(self, cache_key: str, *, up_to: int) -> list[WorkflowRecord]:
        """Workflows that wait for the same work, the best ranked first, read consistently."""
        values = {":pk": keys.JOINED, ":under": keys.joined_under(cache_key)}
        places, _ = self.table.query("pk = :pk AND begins_with(sk, :under)", values, limit=up_to)
        ids = [place["workflow_id"] for place in places]
        found = {item["workflow_id"]: item for item in self.table.get_many([keys.workflow(one) for one in ids])}
        records = [WorkflowRecord.model_validate(found[one]) for one in ids if one in found]
        return [record for record in records if record.status is Status.QUEUED and record.joined_to is not None]

    def next_joined(self, after: str, end: str) -> str | None:
        """The first cache key between two places under which something waits."""
        values = {":pk": keys.JOINED, ":first": after, ":last": end}
        places, _ = self.table.query("pk = :pk AND sk BETWEEN :first AND :last", values, limit=1)
        return str(places[0]["sk"]).partition("#")[0] if places else None

    def turn(self) -> str | None:
        """The tenant whose work was started from the queue last; None before the first."""
        item = self.table.get(_TURN)
        return item["tenant_id"] if item else None

    def give_turn(self, tenant_id: str) -> None:
        """Note that a tenant had its turn, so that the next look at the queue begins after it."""
        self.table.add(_TURN, add={}, put={"tenant_id": tenant_id})

    def line(self, *, up_to: int) -> list[Waiting]:
        """What waits, of all tenants, in no order; of so many at most."""
        items, _ = self.table.query("ready_key = :key", {":key": keys.READY}, index="ready", limit=up_to)
        return [_place(item) for item in items]

    def count_outcome(self, service: str, *, ok: bool, milliseconds: float, now: datetime) -> None:
        """Add one execution of a service to its hour."""
        self.table.add(
            keys.service_hour(service, now),
            add={"executions": 1, "errors": 0 if ok else 1, "milliseconds": milliseconds if ok else 0},
            put={"last_at": to_iso(now), "last_ok": ok, "expires_at": to_epoch(now) + OUTCOME_SECONDS},
        )

    def count_engine(self, service: str, engine: str, *, failure: str | None, now: datetime) -> None:
        """Add one answer of an engine to its hour, or why it gave none."""
        when = {"last_at": to_iso(now), "last_ok": failure is None, "expires_at": to_epoch(now) + OUTCOME_SECONDS}
        self.table.add(
            keys.engine_hour(service, engine, now),
            add={"executions": 1, "errors": 0 if failure is None else 1, "milliseconds": 0},
            put=when if failure is None else {**when, "last_failure": failure},
        )

    def outcomes(self, service: str, *, now: datetime) -> Outcomes:
        """The executions of a service in this hour and the one before."""
        return self._outcomes(keys.service_hour(service, now - timedelta(hours=1)), keys.service_hour(service, now))

    def engine_outcomes(self, service: str, engine: str, *, now: datetime) -> Outcomes:
        """What an engine behind a network came to for a service, in this hour and the one before."""
        before = keys.engine_hour(service, engine, now - timedelta(hours=1))
        return self._outcomes(before, keys.engine_hour(service, engine, now))

    def _outcomes(self, first: Key, last: Key) -> Outcomes:
        values = {":pk": first["pk"], ":first": first["sk"], ":last": last["sk"]}
        hours = list(self.table.query_all("pk = :pk AND sk BETWEEN :first AND :last", values))
        return Outcomes(
            last_failure=next((hour["last_failure"] for hour in reversed(hours) if "last_failure" in hour), None),
            count=sum(hour["executions"] for hour in hours),
            errors=sum(hour["errors"] for hour in hours),
            milliseconds=sum(hour["milliseconds"] for hour in hours),
            last_at=hours[-1]["last_at"] if hours else None,
            last_ok=hours[-1]["last_ok"] if hours else None,
        )


def _place(item: dict[str, Any]) -> Waiting:
    return Waiting(item["workflow_id"], item["tenant_id"], keys.rank_of(item["ready_sort"]), tuple(item["services"]))


def waiting_as(record: WorkflowRecord) -> Waiting:
    """The place of a queued record."""
    return Waiting(record.workflow_id, record.tenant_id, keys.rank(record), tuple(record.services))
