"""POST /workflows/{id}/rerun: a new workflow that runs what failed or is named, and takes the rest from the old."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from besunny.clock import to_epoch, to_iso
from besunny.errors import ConflictError, FieldError, InvalidInputError
from besunny.ids import new_id
from besunny.orchestration.batch_repetition import again_of_batch
from besunny.orchestration.catalogue import WorkflowType
from besunny.orchestration.costs import cost_of
from besunny.orchestration.creation import RECORD_DAYS, input_text, new_record
from besunny.orchestration.intake import check
from besunny.orchestration.models import RerunRequest, WorkflowRequest, WorkflowView
from besunny.orchestration.parts import Parts
from besunny.orchestration.records import Saved, Status, Usage, WorkflowRecord
from besunny.orchestration.submission import Submission, answered_before, hash_of, submit, with_input
from besunny.orchestration.view import full_view, owned_to_change
from besunny.orchestration.viewer import Viewer


def rerun_workflow(
    parts: Parts,
    workflow_id: str,
    request: RerunRequest,
    caller: Viewer,
    *,
    idempotency_key: str | None = None,
    now: datetime,
    make_id: Callable[[datetime], str] = new_id,
) -> WorkflowView:
    """Repeat what gave no result, or what is named, with edited input if given; the old workflow stays as it is.

    Raises:
        NotFoundError: no such workflow of the caller's.
        ForbiddenError: a colleague's, and the caller may only see it.
        ConflictError: it has not ended, or nothing of it failed.
        InvalidInputError: a service or item that it did not have, or a wrong field of the edited input.
        IdempotencyMismatchError: the key came before with another request.
    """
    body_hash = hash_of({"rerun_of": workflow_id, **request.model_dump(mode="json", exclude_none=True)})
    if earlier := answered_before(parts, caller, idempotency_key, body_hash, now):
        return earlier
    old = owned_to_change(parts, workflow_id, caller).record
    if not old.status.ended:
        raise ConflictError(f"the workflow is {old.status}; it can be repeated once it has ended")
    new_workflow_id = make_id(now)
    if old.workflow_type is WorkflowType.BATCH:
        record = again_of_batch(parts, old, request, caller, workflow_id=new_workflow_id, now=now, make_id=make_id)
        submission = Submission(record, None, idempotency_key, body_hash)
        return full_view(parts, submit(parts, submission, caller, now=now), now=now)
    if request.items is not None:
        raise InvalidInputError(FieldError("items", "this workflow is no batch", "send `services`, or nothing"))
    if request.input_data is not None:
        record, text = _edited(parts, old, request, caller, now=now, workflow_id=new_workflow_id)
    else:
        record = _repeated(parts, old, request.services, caller, now=now, workflow_id=new_workflow_id)
        data = parts.documents.load_input(old.workflow_id, old.input)
        text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    submission = with_input(parts, record, text, idempotency_key=idempotency_key, body_hash=body_hash)
    return full_view(parts, submit(parts, submission, caller, now=now), now=now)


def _repeated(
    parts: Parts, old: WorkflowRecord, services: list[str] | None, caller: Viewer, *, now: datetime, workflow_id: str
) -> WorkflowRecord:
    """The same input again: results of the services that are not repeated are reused."""
    again = _to_repeat(old, services)
    reused = {service: source for service, source in old.sources.items() if service not in again}
    changes = {
        "workflow_id": workflow_id,
        "owner": caller.sub,
        "status": Status.QUEUED,
        "services": again,
        "sources": reused,
        "reused": list(reused),
        "saved": _saved(parts, reused) if reused else None,
        "engines": {service: engine for service, engine in old.engines.items() if service in reused},
        "rerun_of": old.workflow_id,
        "attempt": 0,
        "created_at": to_iso(now),
        "expires_at": to_epoch(now + timedelta(days=RECORD_DAYS)),
        "outcomes": [],
        "errors": [],
        "cached": False,
        "usage": Usage(),
    }
    # What only the old one's run or place in a batch said.
    cleared = ("started_at", "finished_at", "lease_expires_at", "global_slot", "tenant_slot", "cache_key", "combined")
    gone = ("joined_to", "lifted_to", "processing_time_ms", "cancelled_at_step", "parent_id", "item_index")
    return old.model_copy(update={**dict.fromkeys((*cleared, *gone)), **changes})


def _to_repeat(old: WorkflowRecord, services: list[str] | None) -> list[str]:
    known = list(dict.fromkeys([*old.services, *old.sources]))
    if services is not None:
        return _known(services, known)
    failed = [service for service in known if service not in old.sources]
    if not failed:
        raise ConflictError("nothing of this workflow failed; name `services` to repeat them all the same")
    return failed


def _known(services: list[str], known: list[str]) -> list[str]:
    if not services or any(service not in known for service in services):
        raise InvalidInputError(
            FieldError("services", "not services of this workflow", f"send some of {', '.join(known)}")
        )
    return list(dict.fromkeys(services))


def _saved(parts: Parts, reused: dict[str, Any]) -> Saved:
    """What the reused results took when they were computed."""
    ends = [parts.store.outcome(source, service) for service, source in reused.items()]
    known = [end for end in ends if end is not None]
    usage = Usage(
        lambda_mb_ms=sum(end.memory_mb * end.processing_time_ms for end in known),
        engine_usd=sum(end.usage.usd or 0.0 for end in known if end.usage),
    )
    return Saved(milliseconds=round(sum(end.processing_time_ms for end in known), 3), usd=cost_of(usage).usd)


def _edited(
    parts: Parts, old: WorkflowRecord, request: RerunRequest, caller: Viewer, *, now: datetime, workflow_id: str
) -> tuple[WorkflowRecord, str]:
    """Other input, checked as a new workflow's is; no result of the old input is an answer to it."""
    data = {**parts.documents.load_input(old.workflow_id, old.input), **(request.input_data or {})}
    edited = WorkflowRequest(
        workflow_type=str(old.workflow_type),
        input_data={name: value for name, value in data.items() if value is not None},
        expected_outputs=old.expected_outputs or None,
        project_id=old.project_id,
        priority=old.priority,
    )
    work = check(edited, upload=lambda upload_id: parts.uploads.load(caller.tenant_id, caller.sub, upload_id))
    services = work.services if request.services is None else _known(request.services, work.services)
    record = new_record(work, caller, now=now, workflow_id=workflow_id)
    record = record.model_copy(update={"services": services, "rerun_of": old.workflow_id})
    return record, input_text(work, caller.tenant_id)
