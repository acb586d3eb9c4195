"""POST /workflows/{id}/rerun: a new workflow that runs what failed and takes the rest from the old one."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta

from besunny.clock import to_epoch, to_iso
from besunny.errors import ConflictError, FieldError, InvalidInputError
from besunny.ids import new_id
from besunny.orchestration.catalogue import WorkflowType
from besunny.orchestration.creation import RECORD_DAYS, answered_before, hash_of, submit, with_input
from besunny.orchestration.models import WorkflowView
from besunny.orchestration.parts import Parts
from besunny.orchestration.records import Status, Usage, WorkflowRecord
from besunny.orchestration.view import full_view, owned_to_change
from besunny.orchestration.viewer import Viewer


def rerun_workflow(
    parts: Parts,
    workflow_id: str,
    services: list[str] | None,
    caller: Viewer,
    *,
    idempotency_key: str | None = None,
    now: datetime,
    make_id: Callable[[datetime], str] = new_id,
) -> WorkflowView:
    """Repeat the named services, or those that gave no result; the old workflow stays as it is.

    Raises:
        NotFoundError: no such workflow of the caller's.
        ForbiddenError: a colleague's, and the caller may only see it.
        ConflictError: it has not ended, nothing of it failed, or it is a batch.
        InvalidInputError: a service that it did not run.
        IdempotencyMismatchError: the key came before with another request.
    """
    body_hash = hash_of({"rerun_of": workflow_id, "services": services})
    if earlier := answered_before(parts, caller, idempotency_key, body_hash, now):
        return earlier
    old = owned_to_change(parts, workflow_id, caller).record
    again = _to_repeat(old, services)
    reused = {service: source for service, source in old.sources.items() if service not in again}
    new_workflow_id = make_id(now)
    changes = {
        "workflow_id": new_workflow_id,
        "owner": caller.sub,
        "status": Status.QUEUED,
        "services": again,
        "sources": reused,
        "reused": list(reused),
        "engines": {service: engine for service, engine in old.engines.items() if service in reused},
        "rerun_of": old.workflow_id,
        "attempt": 0,
        "created_at": to_iso(now),
        "expires_at": to_epoch(now + timedelta(days=RECORD_DAYS)),
        "errors": [],
        "cached": False,
        "usage": Usage(),
    }
    # What only the old one's run or place in a batch said.
    cleared = ("started_at", "finished_at", "lease_expires_at", "global_slot", "tenant_slot", "cache_key", "combined")
    gone = ("processing_time_ms", "cancelled_at_step", "parent_id", "item_index")
    record = old.model_copy(update={**dict.fromkeys((*cleared, *gone)), **changes})
    data = parts.documents.load_input(old.workflow_id, old.input)
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    submission = with_input(parts, record, text, idempotency_key=idempotency_key, body_hash=body_hash)
    return full_view(parts, submit(parts, submission, caller, now=now), now=now)


def _to_repeat(old: WorkflowRecord, services: list[str] | None) -> list[str]:
    if not old.status.ended:
        raise ConflictError(f"the workflow is {old.status}; it can be repeated once it has ended")
    if old.workflow_type is WorkflowType.BATCH:
        raise ConflictError("a batch is repeated by its items; rerun those of GET .../items that failed")
    known = list(dict.fromkeys([*old.services, *old.sources]))
    if services is not None:
        if not services or any(service not in known for service in services):
            raise InvalidInputError(
                FieldError("services", "not services of this workflow", f"send some of {', '.join(known)}")
            )
        return services
    failed = [service for service in known if service not in old.sources]
    if not failed:
        raise ConflictError("nothing of this workflow failed; name `services` to repeat them all the same")
    return failed
