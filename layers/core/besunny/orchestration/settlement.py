"""Settling: from what its services came to, to a workflow's end, exactly once."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from besunny import errors
from besunny.clock import from_iso, to_iso
from besunny.inference.contracts.engine import CIRCUIT_OPEN, EngineTries
from besunny.inference.contracts.versions import EMBEDDED
from besunny.observability.logs import logger
from besunny.observability.metrics import emit_count
from besunny.orchestration.admission import Admission, about
from besunny.orchestration.cache import Cache
from besunny.orchestration.catalogue import WorkflowType
from besunny.orchestration.costs import steps_of
from besunny.orchestration.documents import Documents, StoredResult, encode
from besunny.orchestration.joining import Joining
from besunny.orchestration.ledger import Ledger
from besunny.orchestration.outcomes import Outcome
from besunny.orchestration.records import ResultSource, Status, Usage, WorkflowError, WorkflowRecord
from besunny.orchestration.store import Store, Stored
from besunny.orchestration.table import ConditionLostError, Write

# A transactional write of an item of at most 1 KB.
_UNITS_A_WRITE = 2


class Settlement:
    """Ends workflows.

    Args:
        documents, cache: give them; not called where an execution ended badly, which stores no result.
    """

    def __init__(
        self,
        *,
        ledger: Ledger,
        store: Store,
        documents: Callable[[], Documents],
        cache: Callable[[], Cache],
        admission: Admission,
        joining: Joining,
    ) -> None:
        self._ledger = ledger
        self._store = store
        self._documents = documents
        self._cache = cache
        self._admission = admission
        self._joining = joining

    def keep(
        self,
        record: WorkflowRecord,
        outcome: Outcome,
        result: StoredResult | None,
        *,
        beside: Sequence[Write] = (),
        usage: Usage,
        actor: str,
        now: datetime,
    ) -> Status | None:
        """Keep what a service came to; the last one of its workflow ends it, in the same transaction.

        Args:
            record: of the running attempt, read just before.
            result: None where the service failed.
            beside: what is written with it, of this table or another, all or none.
            usage: what was used before the first service ran.

        Returns:
            The workflow's end; None where other services are still to end.

        Raises:
            ConditionLostError: the workflow no longer runs this attempt, this service has ended in it before, another
                ended meanwhile, or a condition of `beside` did not hold.
        """
        if outcome.service in record.outcomes:
            raise ConditionLostError("this service has ended before")
        if {*record.services} - {*record.outcomes} != {outcome.service}:
            self._store.put_outcome(record, outcome, result, beside=beside)
            return None
        # Alone and with a result, there is nothing else to read.
        alone = len(record.services) == 1 and outcome.error is None
        loaded = Stored(record) if alone else self._with_others(record)
        loaded.outcomes[outcome.service] = outcome
        if result is not None:
            loaded.results[record.attempt, outcome.service] = result
        also = [self._store.outcome_write(record, outcome, result), *beside]
        return self._end(loaded, usage=usage, actor=actor, now=now, also=also)

    def _with_others(self, record: WorkflowRecord) -> Stored:
        """The record with what its other services came to, and what engines did for tasks that failed."""
        loaded = self._store.load(record.workflow_id)
        if loaded is None or (loaded.record.status, loaded.record.attempt) != (record.status, record.attempt):
            raise ConditionLostError("the workflow changed meanwhile")
        return loaded

    def settle(
        self,
        workflow_id: str,
        attempt: int,
        *,
        actor: str,
        now: datetime,
        usage: Usage | None = None,
        verdict: Status | None = None,
        error: WorkflowError | None = None,
    ) -> Status | None:
        """End a workflow whose services do not: a batch when its items are done, an execution that broke off.

        Args:
            attempt: the fencing token; settling another attempt than the running one is refused.
            usage: what the execution used before.
            verdict: the end, where the outcomes do not say it (a timeout, an abort).
            error: of the workflow as a whole.

        Returns:
            The end, or None where the workflow had ended, or runs another attempt: that is counted and harmless.
        """
        loaded = self._store.load(workflow_id)
        if loaded is None or loaded.record.status is not Status.RUNNING or loaded.record.attempt != attempt:
            self._refuse(workflow_id, attempt, loaded)
            return None
        try:
            return self._end(loaded, usage=usage or Usage(), actor=actor, now=now, verdict=verdict, error=error)
        except ConditionLostError:
            self._refuse(workflow_id, attempt, self._store.load(workflow_id))
            return None

    def _end(
        self,
        loaded: Stored,
        *,
        usage: Usage,
        actor: str,
        now: datetime,
        verdict: Status | None = None,
        error: WorkflowError | None = None,
        also: Sequence[Write] = (),
    ) -> Status:
        """The end in the ledger, with the result, the cache's entry and the lease; then start what waits."""
        record = loaded.record
        writes = list(also)
        ended = _ended(loaded, verdict=verdict, error=error, now=now)
        spent = _spent(record, list(loaded.outcomes.values()), loaded.tries, writes=5 + len(ended.sources))
        ended = ended.model_copy(update={"usage": usage.plus(spent)})
        if verdict is None and ended.workflow_type is WorkflowType.HYBRID and ended.sources:
            writes.append(self._store.combined_write(record, self._combined(ended, loaded)))
            here = ResultSource(workflow_id=record.workflow_id, attempt=record.attempt)
            ended = ended.model_copy(update={"combined": here})
        whole = not any(outcome.note for outcome in loaded.outcomes.values())
        if ended.status is Status.COMPLETED and ended.cache_key and whole and _as_planned(ended):
            writes += self._cache().keep(ended, now=now)
        self._ledger.end(record, ended, actor=actor, now=now, also=writes)
        logger().info("workflow ended", extra={**about(ended), "status": str(ended.status)})
        for outcome in loaded.outcomes.values():
            took = outcome.processing_time_ms
            self._store.count_outcome(outcome.service, ok=outcome.error is None, milliseconds=took, now=now)
        self._count_engines(loaded, now)
        if record.parent_id is None:
            self._go_on(ended, actor, now)
        return ended.status

    def _count_engines(self, loaded: Stored, now: datetime) -> None:
        """What engines behind a network came to; the embedded one is the service itself."""
        outcomes = loaded.outcomes.values()
        for outcome in outcomes:
            if outcome.engine and outcome.engine.get("kind", EMBEDDED.kind) != EMBEDDED.kind:
                self._store.count_engine(outcome.service, outcome.engine["name"], failure=outcome.note, now=now)
        failed = [(outcome.service, one) for outcome in outcomes for one in outcome.passed_over]
        failed += [(service, one) for service, tries in loaded.tries for one in tries.passed_over]
        for service, one in failed:
            if one.error == CIRCUIT_OPEN:
                continue  # it was not asked
            self._store.count_engine(service, one.engine, failure=f"{one.error}: {one.reason}", now=now)

    def _go_on(self, ended: WorkflowRecord, actor: str, now: datetime) -> None:
        """Answer what joined it and start what waits; where that fails, the reconciler does: the end stands anyway."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self._joining.release(ended, actor=actor, now=now)
            self._admission.dispatch(actor=actor, now=now)
        except (BotoCoreError, ClientError):
            logger().exception("not all that waits was answered or started after an end; the reconciler will try")
            emit_count("DispatchesFailed", 1)

    def _refuse(self, workflow_id: str, attempt: int, found: Stored | None) -> None:
        status = str(found.record.status) if found else "unknown"
        logger().warning("settlement refused", extra={"workflow_id": workflow_id, "attempt": attempt, "status": status})
        emit_count("SettlementsRefused", 1)

    def _combined(self, record: WorkflowRecord, loaded: Stored) -> StoredResult:
        """The combined result of a hybrid; it grows with the answers, so it is kept as they are."""
        from besunny.inference.contracts.hybrid import combine

        answers: dict[str, Any] = dict.fromkeys(record.services)
        for service, source in record.sources.items():
            if service == "embeddings":
                # Vectors may be tens of megabytes, and only their number is wanted.
                known = loaded.outcomes.get(service) or self._store.outcome(source, service)
                answers[service] = {"chunks": range(known.counts.get("chunks", 0) if known else 0)}
                continue
            stored = loaded.results.get((source.attempt, service)) if source.workflow_id == record.workflow_id else None
            stored = stored or self._store.result(source, service)
            answers[service] = self._documents().load_result(stored) if stored else None
        return self._documents().keep_result(
            tenant_id=record.tenant_id,
            workflow_id=record.workflow_id,
            attempt=record.attempt,
            service="combined",
            body=encode(combine(answers, title=record.title)),
        )


def _ended(loaded: Stored, *, verdict: Status | None, error: WorkflowError | None, now: datetime) -> WorkflowRecord:
    """The record as it ends, by what its services came to."""
    record = loaded.record
    here = ResultSource(workflow_id=record.workflow_id, attempt=record.attempt)
    done = {service: here for service, end in loaded.outcomes.items() if end.error is None}
    sources = {**record.sources, **done}
    errors = [end.error for end in loaded.outcomes.values() if end.error] + ([error] if error else [])
    if record.workflow_type is WorkflowType.BATCH:
        status = verdict or _status_of_batch(loaded)
    else:
        status = verdict or _status_of(len(sources), len(errors), wanted=len({*record.services, *sources}))
    engines = {service: end.engine for service, end in loaded.outcomes.items() if end.engine}
    changes = {
        "status": status,
        "finished_at": to_iso(now),
        "sources": sources,
        "errors": errors,
        "engines": {**record.engines, **engines},
        "processing_time_ms": _milliseconds(record, now),
    }
    return record.model_copy(update=changes)


def _as_planned(record: WorkflowRecord) -> bool:
    """Whether each service was answered by its first choice: a stand-in's answer is not kept for the next hour."""
    return all(record.engines.get(service) in first for service, first in record.first_choices.items())


def _status_of(done: int, failed: int, *, wanted: int) -> Status:
    if failed == 0 and done == wanted > 0:
        return Status.COMPLETED
    return Status.PARTIALLY_COMPLETED if done else Status.FAILED


def _status_of_batch(loaded: Stored) -> Status:
    wanted = loaded.record.total or 0
    if wanted and loaded.cancelled == wanted:
        return Status.CANCELLED  # one by one, which is no failure
    return _status_of(loaded.done, loaded.failed, wanted=wanted)


# Names with a dot (`Sandbox.Timedout`, `States.Timeout`) are AWS's own.
_TOLD = frozenset(
    name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.BesunnyError)
)


def readable(cause: Any) -> str:
    """A cause for a person: the message of an error of ours or of AWS, never a stack trace.

    Other errors' messages may quote what they choked on, a document or a key: those are left to the log.
    """
    text = str(cause or "no cause was given")
    try:
        loaded = json.loads(text)
    except ValueError:
        return text[:500]
    if not isinstance(loaded, dict) or not loaded.get("errorMessage"):
        return "no message was given"
    kind = str(loaded.get("errorType", ""))
    if kind in _TOLD or "." in kind:
        return str(loaded["errorMessage"])[:500]
    return f"an unexpected error ({kind or 'of no type'}); it is logged"


def _milliseconds(record: WorkflowRecord, now: datetime) -> float:
    started = from_iso(record.started_at or record.created_at)
    return round((now - started).total_seconds() * 1000, 3)


def _spent(
    record: WorkflowRecord, outcomes: Sequence[Outcome], tries: Sequence[tuple[str, EngineTries]], *, writes: int
) -> Usage:
    metered = [outcome.usage for outcome in outcomes if outcome.usage] + [one.usage for _, one in tries]
    failed = sum(outcome.error is not None for outcome in outcomes)
    steps = steps_of(record.workflow_type, len(record.services), in_batch=record.parent_id is not None)
    return Usage(
        transitions=steps.transitions + failed,
        lambda_invocations=steps.invocations + failed,
        lambda_mb_ms=sum(outcome.memory_mb * outcome.processing_time_ms for outcome in outcomes),
        read_units=sum(outcome.read_units for outcome in outcomes),
        write_units=sum(outcome.write_units for outcome in outcomes) + writes * _UNITS_A_WRITE,
        engine_calls=sum(usage.calls for usage in metered),
        engine_input_tokens=sum(usage.input_tokens for usage in metered),
        engine_output_tokens=sum(usage.output_tokens for usage in metered),
        engine_usd=sum(usage.usd or 0.0 for usage in metered),
        engine_unpriced=sum(usage.usd is None for usage in metered),
    )
