"""The body of an inference function that a state machine invoked: input by reference in, result by reference out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from besunny.clock import Clock, to_iso, utc_now
from besunny.errors import EngineTriedError, NotFoundError, NotWantedError, UnavailableError
from besunny.inference.contracts.engine import EngineTries, EngineUsage
from besunny.observability.logs import logger
from besunny.observability.observed import observed
from besunny.observability.probe import Stopwatch
from besunny.orchestration.documents import Documents
from besunny.orchestration.ledger import Ledger
from besunny.orchestration.outcomes import Outcome
from besunny.orchestration.parts import Parts, parts
from besunny.orchestration.records import InputReference, Status, Usage, WorkflowRecord
from besunny.orchestration.settlement import Settlement
from besunny.orchestration.store import Store
from besunny.orchestration.table import ConditionLostError, Write

Run = Callable[[str, Any, str, str, Callable[[], bool]], Any]
"""`run(service, request, tenant_id, owner, wanted)` gives the answer, a pydantic model, and asks no engine once it is
not wanted."""
Beside = Callable[[Any, Any, str, str], tuple[Any, list[Write]]]
"""`beside(request, answer, tenant_id, owner)` gives the answer as it is stored, and what is written with it or not at
all; asked again where a condition of its writes did not hold."""
_TRIES = 5
_ACTOR = "system:task"


class TaskRunner:
    """Runs tasks."""

    def __init__(self, *, ledger: Ledger, store: Store, documents: Documents, settlement: Settlement) -> None:
        self._ledger = ledger
        self._store = store
        self._documents = documents
        self._settlement = settlement

    def run_task(
        self, event: dict[str, Any], *, run: Run, memory_mb: int, clock: Clock, beside: Beside | None = None
    ) -> dict[str, Any]:
        """Compute one service's answer for a running workflow and store it; the last one of a workflow ends it.

        Args:
            event: `{workflow_id, attempt, service, input, usage}`, as the machine carries it; of a batch's item its
                whole `record` too.
            run: computes the answer; called only while the workflow runs this attempt.
            memory_mb: of the function, for the cost.
            clock: gives the present, when the task begins and when it ends.
            beside: what the result brings about, written only while the workflow still runs this attempt.

        Returns:
            The outcome (`outcomes.Outcome`), for who reads the execution's history; `superseded` where the workflow was
            cancelled, ended, runs another attempt or has this service's outcome: nothing is stored then.
        """
        service, now = event["service"], clock()
        record = self._awaiting(event, now)
        if record is None:
            return _superseded(service, event)
        watch = Stopwatch()
        units = self._store.table.units
        read, write = units.read, units.write
        reference = InputReference.model_validate(event["input"])
        data = self._documents.load_input(record.workflow_id, reference)
        request = request_of(record, service, data)
        try:
            answer = run(service, request, record.tenant_id, record.owner, lambda: self._wanted(event))
        except NotWantedError:
            return _superseded(service, event)
        except EngineTriedError as error:
            tries = EngineTries(usage=error.usage or EngineUsage(), passed_over=list(error.passed_over))
            self._store.put_tries(record, service, tries, now=now)
            raise
        chunks = getattr(answer, "chunks", None)
        outcome = Outcome(
            service=service,
            engine=answer.engine.model_dump(),
            passed_over=answer.passed_over,
            note=answer.coverage.note,
            usage=answer.usage,
            processing_time_ms=watch.elapsed_ms(),
            memory_mb=memory_mb,
            counts={} if chunks is None else {"chunks": len(chunks)},
            read_units=units.read - read,
            write_units=units.write - write,
        )
        spent = Usage.model_validate(event.get("usage") or {})
        for turn in range(_TRIES):
            if turn or len(record.services) > 1:
                found = self._awaiting(event, now)
                if found is None or (turn and self._store.batch_has_ended(found)):
                    return _superseded(service, event)
                record = found
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
                self._settlement.keep(record, outcome, kept, beside=writes, usage=spent, actor=_ACTOR, now=clock())
                return outcome.model_dump(mode="json", exclude_defaults=True)
            except ConditionLostError:
                continue
        self._store.put_tries(record, service, EngineTries(usage=answer.usage or EngineUsage()), now=now)
        raise UnavailableError("others change what the result is stored with at once; send the work again")

    def _awaiting(self, event: dict[str, Any], now: datetime) -> WorkflowRecord | None:
        """The workflow as it runs this attempt and awaits this service; None where it does not."""
        record = self._store.record(event["workflow_id"])
        if record is None and event.get("record"):
            record = self._adopted(event["record"], now)
        if record is None:
            raise NotFoundError("there is no such workflow")
        return record if record.awaits(event["service"], event["attempt"]) else None

    def _wanted(self, event: dict[str, Any]) -> bool:
        """Whether the task's workflow still awaits it, and its batch has not ended."""
        record = self._store.record(event["workflow_id"])
        awaited = record is not None and record.awaits(event["service"], event["attempt"])
        return awaited and record is not None and not self._store.batch_has_ended(record)

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
        return task_runner(parts()).run_task(event, run=run, memory_mb=memory_mb, clock=utc_now, beside=beside)

    if event.get("wanted") is False:
        # A hybrid's branch that a rerun, or the outputs wanted, leave out.
        return {"service": event["service"], "skipped": True}
    outcome: dict[str, Any] = observed_task(event, context)
    return outcome


def task_runner(parts: Parts) -> TaskRunner:
    """A runner over the parts of this process."""
    return TaskRunner(ledger=parts.ledger, store=parts.store, documents=parts.documents, settlement=parts.settlement)


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
    return {"service": service, "superseded": True}
