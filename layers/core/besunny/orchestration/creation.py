"""POST /workflows: checked, looked up, written, admitted."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from besunny.clock import to_epoch, to_iso
from besunny.errors import IdempotencyMismatchError
from besunny.feedback.corrections import Corrections
from besunny.feedback.settings import TableSettings
from besunny.ids import new_id
from besunny.inference.contracts.versions import engine_order
from besunny.orchestration import keys
from besunny.orchestration.admission import spread
from besunny.orchestration.cache import CachedWork, cache_key
from besunny.orchestration.costs import cost_of, steps_of
from besunny.orchestration.documents import INPUT_INLINE_BYTES, encode
from besunny.orchestration.intake import Work, check
from besunny.orchestration.ledger import as_running
from besunny.orchestration.models import WorkflowPlan, WorkflowRequest, WorkflowView
from besunny.orchestration.parts import Parts
from besunny.orchestration.place_in_line import expected_ms
from besunny.orchestration.records import InputReference, Priority, Status, Usage, WorkflowRecord
from besunny.orchestration.store import Stored
from besunny.orchestration.table import ConditionLostError
from besunny.orchestration.view import full_view
from besunny.orchestration.viewer import Viewer
from besunny.projects import stored_projects

RECORD_DAYS = 90
_ADMISSION_TRIES = 4
# Its answer follows what the tenant has indexed, and may store a project: no earlier answer is as good.
_READS_INDEX = "project_onboarding"


@dataclass(frozen=True)
class Submission:
    """A new workflow before it is admitted.

    Attributes:
        inline_input: its input's JSON, where the table holds it.
        idempotency_key: the caller's, or None.
        body_hash: of what the caller sent.
    """

    record: WorkflowRecord
    inline_input: str | None
    idempotency_key: str | None
    body_hash: str


def create_workflow(
    parts: Parts,
    request: WorkflowRequest,
    caller: Viewer,
    *,
    idempotency_key: str | None,
    now: datetime,
    make_id: Callable[[datetime], str] = new_id,
) -> WorkflowView:
    """Run a workflow, or answer it from the cache, or say how it would run.

    Raises:
        InvalidInputError: names each wrong field.
        IdempotencyMismatchError: the key came before with another body.
    """
    body_hash = hash_of(request.model_dump(mode="json"))
    if earlier := answered_before(parts, caller, idempotency_key, body_hash, now):
        return earlier
    work = check(request, upload=lambda upload_id: parts.uploads.load(caller.tenant_id, caller.sub, upload_id))
    text = input_text(work, caller.tenant_id)
    planned = _planned_engines(parts, work, caller.tenant_id)
    key = (
        None
        if _READS_INDEX in work.services
        else cache_key(
            tenant_id=caller.tenant_id,
            workflow_type=work.workflow_type,
            input_text=text,
            services=work.services,
            engine=encode(planned),
            taught=_taught(work, caller.tenant_id),
            config_version=parts.settings.config_version,
        )
    )
    cached = None if key is None else parts.cache.find(key, now=now)
    if request.dry_run:
        return _plan(parts, work, text, caller, cached=cached is not None, planned=planned, now=now)
    record = new_record(work, caller, now=now, workflow_id=make_id(now))
    first = {service: order[0] for service, order in planned.items()} if parts.engines_parameter else {}
    record = record.model_copy(update={"cache_key": key, "planned_engines": first})
    if cached is not None:
        submission = Submission(_from_cache(record, cached, now), None, idempotency_key, body_hash)
    else:
        submission = with_input(parts, record, text, idempotency_key=idempotency_key, body_hash=body_hash)
    return full_view(parts, submit(parts, submission, caller, now=now), now=now)


def _taught(work: Work, tenant_id: str) -> int:
    """The revision of the corrections that the work's answer follows."""
    if "classification" not in work.services:
        return 0
    return Corrections(TableSettings.from_environment().feedback_table).revision(tenant_id)


def _planned_engines(parts: Parts, work: Work, tenant_id: str) -> dict[str, list[dict[str, Any]]]:
    """The engines that may answer each service of the work, in order."""
    parameter = parts.engines_parameter
    return {
        service: [engine.model_dump() for engine in engine_order(parameter, tenant_id, service)]
        for service in sorted(work.services)
    }


def submit(parts: Parts, submission: Submission, caller: Viewer, *, now: datetime) -> Stored:
    """Write a new workflow: running at once where nothing waits and the limits allow, else queued.

    Returns:
        The workflow, or the one that came before under the same Idempotency-Key.
    """
    record, key = submission.record, submission.idempotency_key
    item_key = keys.idempotency(caller.tenant_id, caller.sub, key) if key else None
    for attempt in range(_ADMISSION_TRIES):
        last = attempt == _ADMISSION_TRIES - 1
        standing = record if last or record.status.ended else _started_if_free(parts, record, now)
        units = parts.store.table.units
        before = (units.read, units.write)
        try:
            parts.ledger.create(
                standing,
                now=now,
                inline_input=submission.inline_input,
                idempotency=item_key,
                body_hash=submission.body_hash,
            )
        except ConditionLostError:
            earlier = find_earlier(parts, caller, key, submission.body_hash, now) if key else None
            if earlier:
                return earlier
            if last:
                raise
            continue
        spent = Usage(read_units=units.read - before[0], write_units=units.write - before[1])
        standing = standing.model_copy(update={"usage": spent})
        break
    if standing.status is Status.RUNNING:
        parts.admission.launch(standing)
    elif standing.status is Status.QUEUED:
        started = parts.admission.dispatch(actor="system:admission", now=now, hints=[standing])
        if standing.workflow_id in started:
            return parts.store.load(standing.workflow_id) or Stored(standing)
    return Stored(standing)


def answered_before(
    parts: Parts, caller: Viewer, key: str | None, body_hash: str, now: datetime
) -> WorkflowView | None:
    """The answer to a request whose Idempotency-Key came before; None where it is new, or there is no key.

    Raises:
        IdempotencyMismatchError: the key came before with another body.
    """
    earlier = find_earlier(parts, caller, key, body_hash, now) if key else None
    return full_view(parts, earlier, now=now) if earlier else None


def find_earlier(parts: Parts, caller: Viewer, key: str, body_hash: str, now: datetime) -> Stored | None:
    """The workflow that came before under an Idempotency-Key.

    Raises:
        IdempotencyMismatchError: with another body.
    """
    found = parts.store.idempotent(keys.idempotency(caller.tenant_id, caller.sub, key), now)
    if found is None:
        return None
    workflow_id, earlier_hash = found
    if earlier_hash != body_hash:
        raise IdempotencyMismatchError("this Idempotency-Key came with another body before; send a new key")
    return parts.store.load(workflow_id)


def hash_of(body: Any) -> str:
    """A hash that two equal bodies share, whatever the order of their fields."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(text.encode(errors="surrogatepass")).hexdigest()


def input_text(work: Work, tenant_id: str) -> str:
    """The input as JSON with sorted keys, the tenant's projects put in where none were sent."""
    data = work.input_data
    if work.needs_projects and (projects := stored_projects(tenant_id)):
        data = {**data, "projects": projects}
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def new_record(work: Work, caller: Viewer, *, now: datetime, workflow_id: str) -> WorkflowRecord:
    """The record of new work, queued, its input not yet kept."""
    return WorkflowRecord(
        workflow_id=workflow_id,
        tenant_id=caller.tenant_id,
        owner=caller.sub,
        workflow_type=work.workflow_type,
        status=Status.QUEUED,
        priority=work.priority,
        project_id=work.project_id,
        services=work.services,
        expected_outputs=work.expected_outputs,
        title=(work.title or "")[:500] or None,
        input=InputReference(kind="item"),
        created_at=to_iso(now),
        expires_at=to_epoch(now + timedelta(days=RECORD_DAYS)),
    )


def _started_if_free(parts: Parts, record: WorkflowRecord, now: datetime) -> WorkflowRecord:
    if record.priority is not Priority.URGENT and parts.store.heads(tenants=1):
        return record
    taken = parts.leases.taken()
    slots = parts.leases.free(record.tenant_id, taken=taken, spread=spread(record.workflow_id))
    return as_running(record, slots, now) if slots else record


def with_input(
    parts: Parts, record: WorkflowRecord, text: str, *, idempotency_key: str | None, body_hash: str
) -> Submission:
    """A submission whose input is kept: small beside the record (written with it), large in S3 (written now)."""
    if len(text.encode(errors="surrogatepass")) <= INPUT_INLINE_BYTES:
        small = record.model_copy(update={"input": InputReference(kind="item")})
        return Submission(small, text, idempotency_key, body_hash)
    key = parts.documents.put_text(keys.object_key("inputs", record.tenant_id, record.workflow_id), text)
    large = record.model_copy(update={"input": InputReference(kind="object", key=key)})
    return Submission(large, None, idempotency_key, body_hash)


def _from_cache(record: WorkflowRecord, cached: CachedWork, now: datetime) -> WorkflowRecord:
    changes = {
        "status": Status.COMPLETED,
        "cached": True,
        "sources": cached.sources,
        "engines": cached.engines,
        "combined": cached.combined,
        "finished_at": to_iso(now),
        "processing_time_ms": 0.0,
        # It must not outlive the results that it points to.
        "expires_at": cached.records_expire_at,
    }
    return record.model_copy(update=changes)


def _plan(
    parts: Parts,
    work: Work,
    text: str,
    caller: Viewer,
    *,
    cached: bool,
    planned: dict[str, list[dict[str, Any]]],
    now: datetime,
) -> WorkflowView:
    room = parts.leases.free(caller.tenant_id, taken=parts.leases.taken(), spread=0) is not None
    took = expected_ms(parts, work.services, now)
    count = len(work.services)
    steps = steps_of(work.workflow_type, count)
    usage = Usage(
        transitions=0 if cached else steps.transitions,
        lambda_invocations=0 if cached else steps.invocations,
        lambda_mb_ms=0.0 if cached else 1769 * (took or 0.0) * count,
        read_units=2.0,
        write_units=6.0 if cached else 20.0 + 4 * count,
    )
    plan = WorkflowPlan(
        services=work.services,
        engine=", ".join(dict.fromkeys(order[0]["name"] for order in planned.values())),
        input_bytes=len(text.encode(errors="surrogatepass")),
        would_start_now=cached or (room and not parts.store.heads(tenants=1)),
        cached=cached,
        estimated_ms=0.0 if cached else took,
        estimated_usd=cost_of(usage).usd,
    )
    return WorkflowView(
        success=True,
        workflow_id=None,
        workflow_type=str(work.workflow_type),
        status=None,
        priority=work.priority,
        project_id=work.project_id,
        plan=plan,
    )
