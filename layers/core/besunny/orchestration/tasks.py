"""The body of an inference function that a state machine invoked: input by reference in, result by reference out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any

from besunny.aws import clients
from besunny.clock import to_iso, utc_now
from besunny.errors import EngineTriedError, NotFoundError, UnavailableError
from besunny.inference.contracts.engine import EngineTries, EngineUsage
from besunny.observability.logs import logger
from besunny.observability.observed import observed
from besunny.observability.probe import Stopwatch
from besunny.orchestration.documents import Documents
from besunny.orchestration.leases import Leases, Limits
from besunny.orchestration.ledger import Ledger
from besunny.orchestration.records import InputReference, Status, WorkflowRecord
from besunny.orchestration.settings import DocumentSettings, LedgerSettings
from besunny.orchestration.store import Store
from besunny.orchestration.table import ConditionLostError, Table, Write

Run = Callable[[str, Any, str, str], Any]
"""`run(service, request, tenant_id, owner)` gives the answer, a pydantic model."""
Beside = Callable[[Any, Any, str, str], tuple[Any, list[Write]]]
"""`beside(request, answer, tenant_id, owner)` gives the answer as it is stored, and what is written with it or not at
all; asked again where a condition of its writes did not hold."""
_TRIES = 5


class TaskRunner:
    """Runs tasks; made once a process."""

    def __init__(self, *, ledger: Ledger, store: Store, documents: Documents) -> None:
        self._ledger = ledger
        self._store = store
        self._documents = documents

    def run_task(
        self, event: dict[str, Any], *, run: Run, memory_mb: int, now: datetime, beside: Beside | None = None
    ) -> dict[str, Any]:
        """Compute one service's answer for a running workflow and store it.

        Args:
            event: `{workflow_id, attempt, workflow_type, service, expected_outputs, input}`, as the machine carries
                it; of a batch's item its whole `record` too.
            run: computes the answer; called only while the workflow runs this attempt.
            memory_mb: of the function, for the cost.
            beside: what the result brings about, written only while the workflow still runs this attempt.

        Returns:
            A digest for the settlement (`settlement.Branch`); with `superseded` where the workflow was cancelled, ended
            or runs another attempt: nothing is stored then.
        """
        service = event["service"]
        record = self._running(event, now)
        if record is None:
            return _superseded(service, event)
        watch = Stopwatch()
        units = self._store.table.units
        read, write = units.read, units.write
        reference = InputReference.model_validate(event["input"])
        data = self._documents.load_input(record.workflow_id, reference)
        request = request_of(record, service, data)
        try:
            answer = run(service, request, record.tenant_id, record.owner)
        except EngineTriedError as error:
            tries = EngineTries(usage=error.usage or EngineUsage(), passed_over=list(error.passed_over))
            self._store.put_tries(record, service, tries, now=now)
            raise
        for _ in range(_TRIES):
            writes: list[Write] = []
            if beside is not None:
                answer, writes = beside(request, answer, record.tenant_id, record.owner)
            kept = self._documents.keep_result(
                tenant_id=record.tenant_id,
                workflow_id=record.workflow_id,
                attempt=record.attempt,
                service=service,
                body=answer.model_dump_json(),
            )
            try:
                self._store.put_result(record, kept, beside=writes)
                break
            except ConditionLostError:
                if not writes or self._running(event, now) is None:
                    return _superseded(service, event)
        else:
            self._store.put_tries(record, service, EngineTries(usage=answer.usage or EngineUsage()), now=now)
            raise UnavailableError("others change what the result is stored with at once; send the work again")
        chunks = getattr(answer, "chunks", None)
        return {
            "service": service,
            "engine": answer.engine.model_dump(),
            "usage": answer.usage.model_dump() if answer.usage else None,
            "coverage": answer.coverage.model_dump(),
            "passed_over": [one.model_dump() for one in answer.passed_over],
            "processing_time_ms": watch.elapsed_ms(),
            "memory_mb": memory_mb,
            "counts": {} if chunks is None else {"chunks": len(chunks)},
            "read_units": units.read - read,
            "write_units": units.write - write,
        }

    def _running(self, event: dict[str, Any], now: datetime) -> WorkflowRecord | None:
        record = self._store.record(event["workflow_id"])
        if record is None and event.get("record"):
            record = self._adopted(event["record"], now)
        if record is None:
            raise NotFoundError("there is no such workflow")
        running = record.status is Status.RUNNING and record.attempt == event["attempt"]
        return record if running else None

    def _adopted(self, fields: dict[str, Any], now: datetime) -> WorkflowRecord | None:
        """An item of a batch gets its record when its first task begins."""
        record = WorkflowRecord.model_validate({**fields, "started_at": to_iso(now)})
        try:
            self._ledger.adopt(record, now=now)
        except ConditionLostError:
            # Another branch of the same item was first, or the batch has ended: then there is no record, or it says so.
            return self._store.record(record.workflow_id) or record.model_copy(update={"status": Status.CANCELLED})
        return record


def run_task(event: dict[str, Any], context: Any, *, run: Run, beside: Beside | None = None) -> dict[str, Any]:
    """What an inference handler does when a state machine invoked it.

    Args:
        event: as in `TaskRunner.run_task`, and so is what is returned.
        context: Lambda's.
        run, beside: as there.
    """

    @observed
    def observed_task(event: dict[str, Any], context: Any) -> dict[str, Any]:
        memory_mb = int(context.memory_limit_in_mb)
        return _runner().run_task(event, run=run, memory_mb=memory_mb, now=utc_now(), beside=beside)

    digest: dict[str, Any] = observed_task(event, context)
    return digest


@lru_cache
def _runner() -> TaskRunner:
    table = Table(clients.dynamodb(), LedgerSettings.from_environment().workflows_table)
    # A task gives no lease and takes none: the limits are nothing to it.
    ledger = Ledger(table, Leases(table, Limits(0, 0)))
    documents = Documents(table, clients.s3, DocumentSettings.from_environment().data_bucket)
    return TaskRunner(ledger=ledger, store=Store(table), documents=documents)


def request_of(record: WorkflowRecord, service: str, data: dict[str, Any]) -> Any:
    """The checked request of one service of a workflow."""
    if record.workflow_type == "hybrid":
        from besunny.inference.contracts.hybrid import HybridInput

        requests = HybridInput.parse(data, record.expected_outputs)
        return {str(name): request for name, request in requests.items()}[service]
    from besunny.inference.contracts.parse import parse_request

    return parse_request(service, data, prefix="input_data")


def _superseded(service: str, event: dict[str, Any]) -> dict[str, Any]:
    logger().warning("result refused", extra={"workflow_id": event["workflow_id"], "attempt": event["attempt"]})
    return {"service": service, "skipped": True, "superseded": True}
