"""Lists: the caller's workflows, the tenant's, the items of a batch; by cursor, without counting."""

from dataclasses import dataclass
from typing import Any

from besunny.errors import ConflictError, FieldError, InvalidInputError
from besunny.orchestration import keys
from besunny.orchestration.catalogue import WorkflowType
from besunny.orchestration.ledger import creation_key
from besunny.orchestration.models import WorkflowView
from besunny.orchestration.parts import Parts
from besunny.orchestration.records import Status, WorkflowRecord
from besunny.orchestration.table import Key
from besunny.orchestration.view import items_page, owned, short_view
from besunny.orchestration.viewer import Viewer

# So many records are looked at for one page at most; where a filter passes few of them, the page is short and its
# cursor goes on.
_EXAMINED = 500
_POSITION = {"owner_sort", "pk", "sk"}


@dataclass(frozen=True)
class Listed:
    """A page, and the position to go on from (None on the last)."""

    workflows: list[WorkflowView]
    position: Key | None


def list_workflows(
    parts: Parts, caller: Viewer, *, status: Status | None, limit: int, position: dict[str, Any] | None
) -> Listed:
    """The caller's workflows, newest first; analysts and above see their tenant's.

    Raises:
        InvalidInputError: a cursor that this list did not give.
    """
    whole_tenant = caller.sees_tenant()
    list_key = keys.tenant_list(caller.tenant_id) if whole_tenant else keys.owner_list(caller.tenant_id, caller.sub)
    start = _checked(position)
    found: list[WorkflowRecord] = []
    examined = 0
    while len(found) < limit and examined < _EXAMINED:
        wanted = min(limit - len(found) if status is None else 100, 100)
        records, last = parts.store.page_of_list(list_key, limit=wanted, start=start)
        examined += wanted
        for record in records:
            if status in (None, record.status):
                found.append(record)
            if len(found) == limit and record is not records[-1]:
                last = _place_of(record, whole_tenant)
                break
        start = last
        if last is None:
            break
    return Listed([short_view(record) for record in found], start)


def list_items(
    parts: Parts, workflow_id: str, caller: Viewer, *, limit: int, position: dict[str, Any] | None
) -> Listed:
    """The items of a batch that began, in the batch's order, with their results.

    Raises:
        NotFoundError: no such workflow of the caller's.
        ConflictError: it is no batch.
    """
    batch = owned(parts, workflow_id, caller).record
    if batch.workflow_type is not WorkflowType.BATCH:
        raise ConflictError("only a batch has items; this workflow's result is in its status")
    views, last = items_page(parts, batch, limit=limit, start=_checked(position))
    return Listed(views, last)


def _checked(position: dict[str, Any] | None) -> Key | None:
    if position is None:
        return None
    if position.keys() != _POSITION or not all(value and isinstance(value, str) for value in position.values()):
        raise InvalidInputError(FieldError("cursor", "not a cursor of this list", "send `next_cursor` as it came"))
    return position


def _place_of(record: WorkflowRecord, whole_tenant: bool) -> Key:
    """The position of a record in the middle of a page."""
    place = {"owner_sort": f"{record.created_at}#{record.workflow_id}"}
    if whole_tenant:
        return place | creation_key(record)
    return place | keys.workflow(record.workflow_id)
