"""POST /workflows/batch: two objects in S3 for any number of items, one Distributed Map over them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from besunny.clock import to_epoch, to_iso
from besunny.errors import FieldError, InvalidInputError
from besunny.ids import new_id
from besunny.orchestration import keys
from besunny.orchestration.catalogue import WorkflowType
from besunny.orchestration.creation import RECORD_DAYS, new_record
from besunny.orchestration.documents import encode
from besunny.orchestration.intake import Work, check
from besunny.orchestration.models import BatchRequest, WorkflowView
from besunny.orchestration.parts import Parts
from besunny.orchestration.records import InputReference, Priority, Status, WorkflowRecord
from besunny.orchestration.submission import Submission, answered_before, hash_of, submit
from besunny.orchestration.view import full_view
from besunny.orchestration.viewer import Viewer
from besunny.projects import stored_projects

_NAMED_ERRORS = 20


def create_batch(
    parts: Parts,
    batch: BatchRequest,
    caller: Viewer,
    *,
    idempotency_key: str | None,
    now: datetime,
    make_id: Callable[[datetime], str] = new_id,
) -> WorkflowView:
    """Run many workflows as one.

    Raises:
        InvalidInputError: names the wrong fields of the items; then none of them runs.
        IdempotencyMismatchError: the key came before with another body.
    """
    body_hash = hash_of(batch.model_dump(mode="json"))
    if earlier := answered_before(parts, caller, idempotency_key, body_hash, now):
        return earlier
    works = _checked(batch)
    batch_id = make_id(now)
    folder = keys.object_key("inputs", caller.tenant_id, batch_id)
    projects_key = _shared_projects(parts, works, caller, folder)
    items: list[dict[str, Any]] = []
    inputs = bytearray()
    for index, work in enumerate(works):
        text = json.dumps(work.input_data, separators=(",", ":"), ensure_ascii=False)
        data = text.encode(errors="surrogatepass")
        reference = InputReference(
            kind="range",
            key=f"{folder}/inputs",
            start=len(inputs),
            end=len(inputs) + len(data),
            projects_key=projects_key if work.needs_projects else None,
        )
        inputs += data
        items += _items(work, caller, batch_id=batch_id, index=index, reference=reference, now=now, make_id=make_id)
    parts.documents.put_text(f"{folder}/inputs", inputs.decode(errors="surrogatepass"))
    items_key = parts.documents.put_text(f"{folder}/items.json", encode(items))
    record = WorkflowRecord(
        workflow_id=batch_id,
        tenant_id=caller.tenant_id,
        owner=caller.sub,
        workflow_type=WorkflowType.BATCH,
        status=Status.QUEUED,
        priority=batch.priority,
        input=InputReference(kind="object", key=items_key),
        total=len(works),
        created_at=to_iso(now),
        expires_at=to_epoch(now + timedelta(days=RECORD_DAYS)),
    )
    stored = submit(parts, Submission(record, None, idempotency_key, body_hash), caller, now=now)
    return full_view(parts, stored, now=now)


def _checked(batch: BatchRequest) -> list[Work]:
    works: list[Work] = []
    errors: list[FieldError] = []
    for index, request in enumerate(batch.workflows):
        at = batch.place_of(index)
        try:
            if request.dry_run:
                raise InvalidInputError(FieldError(f"{at}dry_run", "a batch runs", "plan it alone, by POST /workflows"))
            works.append(check(request, at=at))
        except InvalidInputError as error:
            errors += error.errors
        if len(errors) >= _NAMED_ERRORS:
            break
    if errors:
        raise InvalidInputError(*errors)
    return works


def _shared_projects(parts: Parts, works: Sequence[Work], caller: Viewer, folder: str) -> str | None:
    """The tenant's projects once for all items that need them; None where there are none."""
    if not any(work.needs_projects for work in works):
        return None
    projects = stored_projects(caller.tenant_id)
    return parts.documents.put_text(f"{folder}/projects.json", encode(projects)) if projects else None


def _items(
    work: Work,
    caller: Viewer,
    *,
    batch_id: str,
    index: int,
    reference: InputReference,
    now: datetime,
    make_id: Callable[[datetime], str],
) -> list[dict[str, Any]]:
    """An item as the Map takes it: a task for each service, with the record that is written when the first begins."""
    record = new_record(work, caller, now=now, workflow_id=make_id(now)).model_copy(
        update={
            "status": Status.RUNNING,
            "priority": work.priority or Priority.NORMAL,
            "attempt": 1,
            "input": reference,
            "parent_id": batch_id,
            "item_index": index,
        }
    )
    task = {
        "workflow_id": record.workflow_id,
        "attempt": record.attempt,
        "usage": {},
        "input": record.input.model_dump(exclude_none=True),
        "record": record.model_dump(mode="json", exclude_defaults=True),
    }
    return [{**task, "service": service} for service in record.services]
