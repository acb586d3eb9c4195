"""A workflow as its owner sees it, from what the ledger keeps."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from besunny.errors import ForbiddenError, NotFoundError
from besunny.ids import is_id
from besunny.orchestration import keys
from besunny.orchestration.catalogue import WorkflowType
from besunny.orchestration.costs import cost_of
from besunny.orchestration.documents import LINK_SECONDS, StoredResult
from besunny.orchestration.models import BatchView, WorkflowProgress, WorkflowView
from besunny.orchestration.parts import Parts
from besunny.orchestration.place_in_line import place_in_line
from besunny.orchestration.records import ResultSource, Status, WorkflowRecord
from besunny.orchestration.store import Stored
from besunny.orchestration.table import Key
from besunny.orchestration.viewer import Viewer

ITEMS = "items"
"""Where a running batch was cancelled; how many of them had ended, its counters say."""

RESULT_ANSWER_BYTES = 1024 * 1024
FIRST_ITEMS = 100
# Results on one page of items; Lambda's answers end at 6 MB.
PAGE_BYTES = 4 * 1024 * 1024


def owned(parts: Parts, workflow_id: str, caller: Viewer) -> Stored:
    """A workflow that the caller may see, with its results.

    Raises:
        NotFoundError: there is none, or it is another's; the two are told apart to nobody.
    """
    loaded = parts.store.load(workflow_id) if is_id(workflow_id) else None
    if loaded is None or not may_see(loaded.record, caller):
        raise NotFoundError("there is no such workflow of yours")
    if loaded.record.parent_id is not None and not loaded.record.status.ended:
        loaded.record = _with_parents_end(loaded.record, parts.store.record(loaded.record.parent_id))
    return loaded


def owned_to_change(parts: Parts, workflow_id: str, caller: Viewer) -> Stored:
    """A workflow that the caller may cancel or repeat, with its results.

    Raises:
        NotFoundError: none that the caller may see.
        ForbiddenError: the caller may see it and no more.
    """
    loaded = owned(parts, workflow_id, caller)
    if loaded.record.owner != caller.sub and not caller.changes_tenant():
        raise ForbiddenError("this is a colleague's workflow; changing it needs the role `operator`")
    return loaded


def may_see(record: WorkflowRecord, caller: Viewer) -> bool:
    """Users see their own; analysts and above what is their tenant's."""
    return record.tenant_id == caller.tenant_id and (record.owner == caller.sub or caller.sees_tenant())


def _with_parents_end(item: WorkflowRecord, batch: WorkflowRecord | None) -> WorkflowRecord:
    """An item that was running when its batch ended has ended with it: nothing of it can be settled any more."""
    if batch is None or not batch.status.ended:
        return item
    status = batch.status if batch.status in (Status.CANCELLED, Status.TIMED_OUT) else Status.FAILED
    return item.model_copy(update={"status": status, "finished_at": batch.finished_at})


def full_view(parts: Parts, loaded: Stored, *, now: datetime) -> WorkflowView:
    """A workflow with its result, its place in the queue and its cost."""
    record = loaded.record
    fields = _fields(record)
    if record.status in (Status.COMPLETED, Status.PARTIALLY_COMPLETED):
        fields["result"] = _result(parts, loaded)
    if record.status is Status.QUEUED:
        fields["waiting"] = place_in_line(parts, record, now)
    if record.workflow_type is not WorkflowType.BATCH:
        total = len({*record.services, *record.sources})
        failed = sum(1 for outcome in loaded.outcomes.values() if outcome.error)
        fields["progress"] = _progress(record, total, len(_answered(loaded)), failed=failed)
        return WorkflowView(**fields)
    total = record.total or 0
    fields["progress"] = _progress(record, total, loaded.done, failed=loaded.failed, cancelled=loaded.cancelled)
    if record.cancelled_at_step == ITEMS:
        # The counters stand still since the end: what they say now, they said in its transaction.
        ended = loaded.done + loaded.failed + loaded.cancelled
        fields["cancelled_at_step"] = f"items ({ended} of {total} ended)"
    batch = BatchView(**fields, batch_id=record.workflow_id, total_workflows=total)
    if record.status in (Status.COMPLETED, Status.PARTIALLY_COMPLETED):
        batch.results = items_page(parts, record, limit=FIRST_ITEMS, start=None)[0]
    return batch


def items_page(
    parts: Parts, batch: WorkflowRecord, *, limit: int, start: Key | None
) -> tuple[list[WorkflowView], Key | None]:
    """Items of a batch in its order, those that began, with their results; and the position to go on from.

    The page ends early where their results would not fit into one answer.
    """
    list_key = keys.items_list(batch.workflow_id)
    records, last = parts.store.page_of_list(list_key, limit=limit, start=start, newest_first=False)
    views: list[WorkflowView] = []
    room = PAGE_BYTES
    for record in records:
        current = _with_parents_end(record, batch) if not record.status.ended else record
        view = short_view(current)
        if current.status in (Status.COMPLETED, Status.PARTIALLY_COMPLETED):
            view.result = _result(parts, Stored(current))
            room -= len(json.dumps(view.result))
        if room < 0 and views:
            shown = records[len(views) - 1]
            return views, {"owner_sort": f"{shown.item_index:09d}", **keys.workflow(shown.workflow_id)}
        views.append(view)
    return views, last


def short_view(record: WorkflowRecord) -> WorkflowView:
    """A workflow as lists show it: everything but results and the place in the queue."""
    return WorkflowView(**_fields(record))


def _fields(record: WorkflowRecord) -> dict[str, Any]:
    names = ("workflow_id", "status", "priority", "project_id", "errors", "cached", "created_at", "started_at")
    more = ("finished_at", "attempt", "engines", "cancelled_at_step", "reused", "rerun_of", "saved")
    ended = record.status.ended
    return {
        **{name: getattr(record, name) for name in (*names, *more, "processing_time_ms", "item_index")},
        "joined": record.joined_to is not None,
        "success": record.status not in (Status.FAILED, Status.TIMED_OUT, Status.CANCELLED),
        "workflow_type": str(record.workflow_type),
        "services_used": list(record.sources),
        "cost": cost_of(record.usage) if ended else None,
    }


def _answered(loaded: Stored) -> set[str]:
    """The services of a workflow whose results are stored, in its attempt or before it."""
    record = loaded.record
    return {*record.sources, *(service for service, end in loaded.outcomes.items() if end.error is None)}


def _progress(
    record: WorkflowRecord, total: int, done: int, *, failed: int = 0, cancelled: int = 0
) -> WorkflowProgress:
    """The figures of a workflow; what had not ended when the whole did has ended with it, and as it did."""
    rest = total - done - failed - cancelled
    if record.status is Status.CANCELLED:
        cancelled += rest
    elif record.status.ended:
        failed += rest
    return WorkflowProgress(total=total, done=done, failed=failed, cancelled=cancelled)


def _result(parts: Parts, loaded: Stored) -> Any:
    record = loaded.record
    if record.workflow_type is WorkflowType.BATCH:
        return None
    answers = {service: _answer(parts, loaded, service, source) for service, source in record.sources.items()}
    if record.workflow_type is not WorkflowType.HYBRID:
        return next(iter(answers.values()), None)
    combined = _answer(parts, loaded, "combined", record.combined) if record.combined else None
    return {**answers, "combined": combined}


def _answer(parts: Parts, loaded: Stored, service: str, source: ResultSource) -> Any:
    stored: StoredResult | None = None
    if source.workflow_id == loaded.record.workflow_id:
        stored = loaded.results.get((source.attempt, service))
    stored = stored or parts.store.result(source, service)
    if stored is None:
        return None
    if stored.bytes > RESULT_ANSWER_BYTES:
        link = parts.documents.result_link(stored)
        return {"result_url": link, "bytes": stored.bytes, "expires_in": LINK_SECONDS}
    return parts.documents.load_result(stored)
