"""Settling: from what an execution's branches gave to the workflow's end, exactly once."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from besunny import errors
from besunny.clock import from_iso, to_iso
from besunny.inference.contracts.engine import EngineTries, EngineUsage, PassedOver
from besunny.inference.contracts.versions import EMBEDDED
from besunny.observability.logs import logger
from besunny.observability.metrics import emit_count
from besunny.orchestration.admission import Admission, about
from besunny.orchestration.cache import Cache
from besunny.orchestration.catalogue import WorkflowType
from besunny.orchestration.documents import Documents, StoredResult, encode
from besunny.orchestration.ledger import Ledger
from besunny.orchestration.records import ResultSource, Status, Usage, WorkflowError, WorkflowRecord
from besunny.orchestration.store import Store, Stored
from besunny.orchestration.table import ConditionLostError, Write

# A transactional write of an item of at most 1 KB.
_UNITS_A_WRITE = 2


class Branch(BaseModel):
    """What one branch of an execution gave: a task's digest, an error, or that it was not wanted.

    Attributes:
        error: Step Functions' `{Error, Cause}`.
        counts: figures of the answer that the combined result needs.
        usage: of metered engines (`contracts.engine.EngineUsage`).
        passed_over: engines that came before `engine` and did not answer.
        coverage: its `note` says why an engine left a part of the source unread.
    """

    service: str
    skipped: bool = False
    error: dict[str, Any] | None = None
    engine: dict[str, Any] | None = None
    passed_over: list[PassedOver] = []
    coverage: dict[str, Any] = {}
    processing_time_ms: float = 0.0
    memory_mb: int = 0
    counts: dict[str, int] = {}
    read_units: float = 0.0
    write_units: float = 0.0
    usage: EngineUsage | None = None


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
    ) -> None:
        self._ledger = ledger
        self._store = store
        self._documents = documents
        self._cache = cache
        self._admission = admission

    def settle(
        self,
        workflow_id: str,
        attempt: int,
        *,
        branches: Sequence[Branch],
        usage: Usage,
        actor: str,
        now: datetime,
        verdict: Status | None = None,
        error: WorkflowError | None = None,
    ) -> Status | None:
        """End a workflow, give its lease back, and start what waits.

        Args:
            attempt: the fencing token; settling another attempt than the running one is refused.
            branches: one a service that ran.
            usage: what the execution used before.
            verdict: the end, where the branches do not say it (a timeout, an abort).
            error: of the workflow as a whole.

        Returns:
            The end, or None where the workflow had ended, or runs another attempt: that is counted and harmless.
        """
        loaded = self._store.load(workflow_id)
        if loaded is None or loaded.record.status is not Status.RUNNING or loaded.record.attempt != attempt:
            self._refuse(workflow_id, attempt, loaded)
            return None
        record = loaded.record
        ended = self._ended(loaded, branches, verdict=verdict, error=error, now=now)
        ended = ended.model_copy(
            update={"usage": usage.plus(_spent(branches, loaded.tries, writes=5 + len(ended.sources)))}
        )
        also: list[Write] = []
        if verdict is None and ended.workflow_type is WorkflowType.HYBRID and ended.sources:
            also.append(self._store.result_write(record, self._combined(ended, loaded, branches)))
            here = ResultSource(workflow_id=record.workflow_id, attempt=record.attempt)
            ended = ended.model_copy(update={"combined": here})
        whole = not any(branch.coverage.get("note") for branch in branches)
        if ended.status is Status.COMPLETED and whole and _as_planned(ended):
            also += self._cache().keep(ended, now=now)
        try:
            self._ledger.end(record, ended, actor=actor, now=now, also=also)
        except ConditionLostError:
            self._refuse(workflow_id, attempt, self._store.load(workflow_id))
            return None
        logger().info("workflow ended", extra={**about(ended), "status": str(ended.status)})
        for branch in branches:
            if not branch.skipped:
                took = branch.processing_time_ms
                self._store.count_outcome(branch.service, ok=branch.error is None, milliseconds=took, now=now)
        self._count_engines(branches, loaded, now)
        if record.parent_id is None:
            self._admission.dispatch(actor=actor, now=now)
        return ended.status

    def _count_engines(self, branches: Sequence[Branch], loaded: Stored, now: datetime) -> None:
        """What engines behind a network came to; the embedded one is the service itself."""
        for branch in branches:
            if branch.engine and branch.engine.get("kind", EMBEDDED.kind) != EMBEDDED.kind:
                failure = branch.coverage.get("note")
                self._store.count_engine(branch.service, branch.engine["name"], failure=failure, now=now)
        failed = [(branch.service, one) for branch in branches for one in branch.passed_over]
        failed += [(service, one) for service, tries in loaded.tries for one in tries.passed_over]
        for service, one in failed:
            self._store.count_engine(service, one.engine, failure=f"{one.error}: {one.reason}", now=now)

    def _refuse(self, workflow_id: str, attempt: int, found: Stored | None) -> None:
        status = str(found.record.status) if found else "unknown"
        logger().warning("settlement refused", extra={"workflow_id": workflow_id, "attempt": attempt, "status": status})
        emit_count("SettlementsRefused", 1)

    def _ended(
        self,
        loaded: Stored,
        branches: Sequence[Branch],
        *,
        verdict: Status | None,
        error: WorkflowError | None,
        now: datetime,
    ) -> WorkflowRecord:
        record = loaded.record
        ran = [branch for branch in branches if not branch.skipped]
        here = ResultSource(workflow_id=record.workflow_id, attempt=record.attempt)
        # What is stored counts, whatever the branches say: a retry after a lost answer may have stored it before.
        stored = {service: here for attempt, service in loaded.results if attempt == record.attempt}
        sources = {**record.sources, **stored}
        errors = [_error_of(branch) for branch in ran if branch.service not in stored] + ([error] if error else [])
        if record.workflow_type is WorkflowType.BATCH:
            status = verdict or _status_of_batch(loaded)
        else:
            wanted = {*record.services, *sources}
            if verdict is None and error is None:
                silent = [service for service in record.services if service not in sources]
                named = {found.service for found in errors}
                errors += [_not_run(service) for service in silent if service not in named]
            status = verdict or _status_of(len(sources), len(errors), wanted=len(wanted))
        changes = {
            "status": status,
            "finished_at": to_iso(now),
            "sources": sources,
            "errors": errors,
            "engines": {**record.engines, **{b.service: b.engine for b in ran if b.engine}},
            "processing_time_ms": _milliseconds(record, now),
        }
        return record.model_copy(update=changes)

    def _combined(self, record: WorkflowRecord, loaded: Stored, branches: Sequence[Branch]) -> StoredResult:
        """The combined result of a hybrid; it grows with the answers, so it is kept as they are."""
        from besunny.inference.contracts.hybrid import combine

        answers: dict[str, Any] = dict.fromkeys(record.services)
        for service, source in record.sources.items():
            if service == "embeddings":
                # Vectors may be tens of megabytes, and only their number is wanted.
                chunks = next((b.counts.get("chunks", 0) for b in branches if b.service == service), 0)
                answers[service] = {"chunks": range(chunks)}
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


def _as_planned(record: WorkflowRecord) -> bool:
    """Whether each service was answered by its first choice: a stand-in's answer is not kept for the next hour."""
    return all(record.engines.get(service) == planned for service, planned in record.planned_engines.items())


def _status_of(done: int, failed: int, *, wanted: int) -> Status:
    if failed == 0 and done == wanted > 0:
        return Status.COMPLETED
    return Status.PARTIALLY_COMPLETED if done else Status.FAILED


def _status_of_batch(loaded: Stored) -> Status:
    wanted = loaded.record.total or 0
    if wanted and loaded.cancelled == wanted:
        return Status.CANCELLED  # one by one, which is no failure
    return _status_of(loaded.done, loaded.failed, wanted=wanted)


def _error_of(branch: Branch) -> WorkflowError:
    found = branch.error or {"Error": "ResultMissing", "Cause": "the service answered, and its result was not stored"}
    return WorkflowError(
        service=branch.service, code=str(found.get("Error", "Error")), message=readable(found.get("Cause"))
    )


def _not_run(service: str) -> WorkflowError:
    return WorkflowError(service=service, code="NotRun", message="the execution ended without running the service")


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


def _spent(branches: Sequence[Branch], tries: Sequence[tuple[str, EngineTries]], *, writes: int) -> Usage:
    ran = [branch for branch in branches if not branch.skipped]
    metered = [branch.usage for branch in ran if branch.usage] + [one.usage for _, one in tries]
    return Usage(
        lambda_invocations=len(ran) + 1,
        lambda_mb_ms=sum(branch.memory_mb * branch.processing_time_ms for branch in ran),
        read_units=sum(branch.read_units for branch in ran),
        write_units=sum(branch.write_units for branch in ran) + writes * _UNITS_A_WRITE,
        engine_calls=sum(usage.calls for usage in metered),
        engine_input_tokens=sum(usage.input_tokens for usage in metered),
        engine_output_tokens=sum(usage.output_tokens for usage in metered),
        engine_usd=sum(usage.usd or 0.0 for usage in metered),
        engine_unpriced=sum(usage.usd is None for usage in metered),
    )
