"""POST /workflows: checked, looked up, written, admitted."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from besunny.clock import to_epoch, to_iso
from besunny.feedback.corrections import Corrections
from besunny.feedback.settings import TableSettings
from besunny.ids import new_id
from besunny.inference.contracts.versions import engine_order
from besunny.orchestration.cache import CachedWork, InFlight, cache_key
from besunny.orchestration.costs import cost_of, steps_of
from besunny.orchestration.documents import encode
from besunny.orchestration.intake import Work, check
from besunny.orchestration.joining import JOINED_USAGE
from besunny.orchestration.models import WorkflowPlan, WorkflowRequest, WorkflowView
from besunny.orchestration.parts import Parts
from besunny.orchestration.place_in_line import expected_ms
from besunny.orchestration.records import InputReference, Status, Usage, WorkflowRecord
from besunny.orchestration.submission import Submission, answered_before, hash_of, submit, with_input
from besunny.orchestration.view import full_view
from besunny.orchestration.viewer import Viewer
from besunny.projects import stored_projects

RECORD_DAYS = 90
# Its answer follows what the tenant has indexed, and may store a project: no earlier answer is as good.
_READS_INDEX = "project_onboarding"


def create_workflow(
    parts: Parts,
    request: WorkflowRequest,
    caller: Viewer,
    *,
    idempotency_key: str | None,
    now: datetime,
    make_id: Callable[[datetime], str] = new_id,
) -> WorkflowView:
    """Run a workflow, or answer it from the cache, or let it join equal work in flight, or say how it would run.

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
    found = None if key is None else parts.cache.find(key, now=now)
    if request.dry_run:
        return _plan(parts, work, text, caller, found, planned=planned, now=now)
    record = new_record(work, caller, now=now, workflow_id=make_id(now))
    first = {service: order[0] for service, order in planned.items()} if parts.engines_parameter else {}
    record = record.model_copy(update={"cache_key": key, "first_choices": first})
    kept = cache(lambda: with_input(parts, record, text, idempotency_key=idempotency_key, body_hash=body_hash))

    def placed(found: CachedWork | InFlight | None) -> Submission:
        if isinstance(found, CachedWork):
            return Submission(_from_cache(record, found, now), None, idempotency_key, body_hash)
        return kept() if key is None else _joined_or_leading(parts, kept(), found, now)

    again = None if key is None else (lambda: placed(parts.cache.find(key, now=now)))
    return full_view(parts, submit(parts, placed(found), caller, now=now, again=again), now=now)


def _joined_or_leading(parts: Parts, submission: Submission, found: InFlight | None, now: datetime) -> Submission:
    """The submission as one that waits for equal work in flight, or as the one that does it."""
    record = submission.record
    leader = parts.joining.live(found.leader) if found else None
    if leader is None:
        lead = parts.cache.lead(record, now=now, instead_of=found.leader if found else None)
        return replace(submission, also=(lead,))
    # It must not outlive the results that it will point to.
    changes = {"joined_to": leader.workflow_id, "expires_at": min(record.expires_at, leader.expires_at)}
    return replace(submission, record=record.model_copy(update=changes))


def _taught(work: Work, tenant_id: str) -> int:
    """The revision of the corrections that the work's answer follows."""
    if "classification" not in work.services:
        return 0
    return Corrections(TableSettings.from_environment().feedback_table).revision(tenant_id)


def _planned_engines(parts: Parts, work: Work, tenant_id: str) -> dict[str, list[list[dict[str, Any]]]]:
    """The engines that may answer each service of the work, in order; equals share a place."""
    parameter = parts.engines_parameter
    return {
        service: [[engine.model_dump() for engine in place] for place in engine_order(parameter, tenant_id, service)]
        for service in sorted(work.services)
    }


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
    found: CachedWork | InFlight | None,
    *,
    planned: dict[str, list[list[dict[str, Any]]]],
    now: datetime,
) -> WorkflowView:
    cached = isinstance(found, CachedWork)
    joins = isinstance(found, InFlight) and parts.joining.live(found.leader) is not None
    computes = not cached and not joins
    room = parts.leases.free(caller.tenant_id, taken=parts.leases.taken(), spread=0) is not None
    took = expected_ms(parts, work.services, now)
    count = len(work.services)
    steps = steps_of(work.workflow_type, count)
    usage = Usage(
        transitions=steps.transitions if computes else 0,
        lambda_invocations=steps.invocations if computes else 0,
        lambda_mb_ms=1769 * (took or 0.0) * count if computes else 0.0,
        read_units=2.0,
        write_units=22.0 + 4 * count if computes else 6.0 if cached else JOINED_USAGE.write_units,
    )
    plan = WorkflowPlan(
        services=work.services,
        engine=", ".join(dict.fromkeys(engine["name"] for order in planned.values() for engine in order[0])),
        input_bytes=len(text.encode(errors="surrogatepass")),
        would_start_now=cached or (not joins and room and not parts.store.heads(tenants=1)),
        cached=cached,
        joins=joins,
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
