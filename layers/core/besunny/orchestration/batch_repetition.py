"""A batch again: those of its items that gave no result, or that are named, as a new batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from besunny.clock import to_epoch, to_iso
from besunny.errors import ConflictError, FieldError, InvalidInputError
from besunny.orchestration import keys
from besunny.orchestration.creation import RECORD_DAYS
from besunny.orchestration.documents import encode
from besunny.orchestration.models import RerunRequest
from besunny.orchestration.parts import Parts
from besunny.orchestration.records import InputReference, Status, WorkflowRecord
from besunny.orchestration.viewer import Viewer

_PAGE = 100
_GAVE_A_RESULT = (Status.COMPLETED, Status.PARTIALLY_COMPLETED)


def again_of_batch(
    parts: Parts,
    old: WorkflowRecord,
    request: RerunRequest,
    caller: Viewer,
    *,
    workflow_id: str,
    now: datetime,
    make_id: Callable[[datetime], str],
) -> WorkflowRecord:
    """The record of the new batch, its list of items kept; they have the places that they had in the old one.

    Raises:
        ConflictError: every item gave a result, and none is named.
        InvalidInputError: `services` or `input_data`, which are an item's own; or an item that the batch has not.
    """
    for field in ("services", "input_data"):
        if getattr(request, field) is not None:
            fix = "rerun the item by its own `workflow_id` (GET .../items)"
            raise InvalidInputError(FieldError(field, "a batch is repeated by whole items", fix))
    tasks = parts.documents.load_list(str(old.input.key))
    wanted = _wanted(parts, old, tasks, request.items)
    ids = {index: make_id(now) for index in sorted(wanted)}
    again = [_again(task, ids, workflow_id, caller, now) for task in tasks if _place(task) in wanted]
    key = keys.object_key("inputs", caller.tenant_id, workflow_id, "items.json")
    return WorkflowRecord(
        workflow_id=workflow_id,
        tenant_id=caller.tenant_id,
        owner=caller.sub,
        workflow_type=old.workflow_type,
        status=Status.QUEUED,
        priority=old.priority,
        input=InputReference(kind="object", key=parts.documents.put_text(key, encode(again))),
        total=len(wanted),
        rerun_of=old.workflow_id,
        created_at=to_iso(now),
        expires_at=to_epoch(now + timedelta(days=RECORD_DAYS)),
    )


def _wanted(parts: Parts, old: WorkflowRecord, tasks: Sequence[dict[str, Any]], items: list[int] | None) -> set[int]:
    places = {_place(task) for task in tasks}
    if items is not None:
        if not items or not places >= set(items):
            fix = f"send places of this batch's items, {min(places)} to {max(places)}"
            raise InvalidInputError(FieldError("items", "not items of this batch", fix))
        return set(items)
    wanted = places - _with_result(parts, old)
    if not wanted:
        raise ConflictError("every item of this batch gave a result; name `items` to repeat them all the same")
    return wanted


def _with_result(parts: Parts, old: WorkflowRecord) -> set[int]:
    found: set[int] = set()
    start = None
    while True:
        records, start = parts.store.page_of_list(keys.items_list(old.workflow_id), limit=_PAGE, start=start)
        found |= {int(record.item_index or 0) for record in records if record.status in _GAVE_A_RESULT}
        if start is None:
            return found


def _place(task: dict[str, Any]) -> int:
    return int(task["record"]["item_index"])


def _again(task: dict[str, Any], ids: dict[int, str], batch_id: str, caller: Viewer, now: datetime) -> dict[str, Any]:
    """A task of an item as one of the new batch, over the same input."""
    workflow_id = ids[_place(task)]
    record = {
        **task["record"],
        "workflow_id": workflow_id,
        "owner": caller.sub,
        "parent_id": batch_id,
        "rerun_of": task["workflow_id"],
        "created_at": to_iso(now),
        "expires_at": to_epoch(now + timedelta(days=RECORD_DAYS)),
    }
    return {**task, "workflow_id": workflow_id, "record": record}
