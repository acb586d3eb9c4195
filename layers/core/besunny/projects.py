"""The tenants' stored projects, which classification chooses from when a request names none."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Literal, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, Field

from besunny.audit import audit_record
from besunny.aws import clients
from besunny.aws.dynamo import from_item, is_condition_failure, to_attribute, to_item, write_together
from besunny.clock import to_epoch, to_iso
from besunny.errors import (
    ConflictError,
    FieldError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    UnavailableError,
)
from besunny.settings import Settings

# Together they bound what a classification reads: 64 MB where every project is as large as it may be.
MAX_STORED = 1000
MAX_PROJECT_BYTES = 64 * 1024
# `project` is a reserved word.
_PROJECT = {"#project": "project"}
_AUDIT_KEPT = timedelta(days=400)
_TRIES = 5
_Done = TypeVar("_Done")


class ProjectSettings(Settings):
    """Where projects are kept: partition `pk` is the tenant, sort key `sk` the project's id."""

    projects_table: str


class StoredProject(BaseModel):
    """A project as it is kept.

    Attributes:
        examples: texts known to be of it; classification learns from them.
        entity_patterns: names by kind (`people`, `organizations`, ...) that its documents use.
        created_by: the user who may change it, beside operators; None of projects that were put here otherwise.
    """

    id: str
    name: str
    description: str = ""
    tags: list[str] = Field(default_factory=list)
    keywords: list[str] = Field(default_factory=list)
    categories: list[str] = Field(default_factory=list)
    examples: list[str] = Field(default_factory=list)
    entity_patterns: dict[str, list[str]] = Field(default_factory=dict)
    status: Literal["active", "archived"] = "active"
    created_by: str | None = None
    created_at: str | None = None
    updated_at: str | None = None


@dataclass(frozen=True)
class Editor:
    """Who changes a project.

    Attributes:
        changes_all: whether they may change what others of the tenant made.
    """

    tenant_id: str
    sub: str
    changes_all: bool = False


def stored_projects(tenant_id: str) -> list[dict[str, Any]]:
    """A tenant's projects but archived ones, ordered by id, each with `id`, `name` and what else was stored.

    At most `MAX_STORED` are read, archived ones too.
    """
    pages = clients.dynamodb().get_paginator("query").paginate(**_of_tenant(tenant_id))
    items = islice((item for page in pages for item in page["Items"]), MAX_STORED)
    found = [from_item(item)["project"] for item in items]
    return [project for project in found if project.get("status") != "archived"]


def page_of_projects(tenant_id: str, *, limit: int, after: str | None) -> tuple[list[StoredProject], str | None]:
    """One page of a tenant's projects, ordered by id, and the id to go on after; None at the end."""
    start: Any = {} if after is None else {"ExclusiveStartKey": to_item({"pk": tenant_id, "sk": after})}
    answer = clients.dynamodb().query(**_of_tenant(tenant_id), Limit=limit, **start)
    last = answer.get("LastEvaluatedKey")
    found = [StoredProject.model_validate(from_item(item)["project"]) for item in answer["Items"]]
    return found, None if last is None else str(from_item(last)["sk"])


def get_project(tenant_id: str, project_id: str) -> StoredProject:
    """A project, read consistently.

    Raises:
        NotFoundError: the tenant has none of this id.
    """
    found = _read(tenant_id, project_id)
    if found is None:
        raise NotFoundError("no project of this id")
    return found


@dataclass(frozen=True)
class Storing:
    """A project about to be stored, and the writes of a transaction that stores it; others may be in it too."""

    project: StoredProject
    replaces: bool
    writes: list[dict[str, Any]]


def check_replaceable(project_id: str, editor: Editor) -> StoredProject | None:
    """The project of this id, which the editor may replace; None where there is none.

    Raises:
        ForbiddenError: it is somebody else's.
    """
    standing = _read(editor.tenant_id, project_id)
    if standing is not None and not editor.changes_all and standing.created_by != editor.sub:
        raise ForbiddenError("a colleague made this project: they, or an operator, may change it")
    return standing


def storing(project: StoredProject, editor: Editor, *, now: datetime) -> Storing:
    """What stores a project in the place of the one of the same id, unless another change comes between.

    Args:
        project: `created_by` and the times are set here.

    Raises:
        ForbiddenError: the one that stands there is somebody else's.
        ConflictError: the tenant has `MAX_STORED` projects already.
        InvalidInputError: it is larger than `MAX_PROJECT_BYTES`.
    """
    standing = check_replaceable(project.id, editor)
    made = {"created_by": editor.sub, "created_at": to_iso(now)}
    if standing is not None:
        made = {"created_by": standing.created_by or editor.sub, "created_at": standing.created_at or to_iso(now)}
    kept = project.model_copy(update={**made, "updated_at": to_iso(now)})
    _check_size(kept)
    item = to_item({"pk": editor.tenant_id, "sk": project.id, "project": kept.model_dump()})
    audit = _audit(editor, action="stored", project_id=project.id, now=now)
    if standing is not None:
        return Storing(kept, True, [_over(editor, "Put", {"Item": item}), audit])
    if _count(editor.tenant_id) >= MAX_STORED:
        raise ConflictError(
            f"{MAX_STORED:,} projects are stored, archived ones too, and no more can be; remove one that is over first"
        )
    put = {"Put": {"TableName": _table(), "Item": item, "ConditionExpression": "attribute_not_exists(pk)"}}
    return Storing(kept, False, [put, _counted(editor.tenant_id, 1), audit])


def put_project(project: StoredProject, editor: Editor, *, now: datetime) -> tuple[StoredProject, bool]:
    """Store a project; what is stored, and whether it replaced one. Arguments and errors are those of `storing`.

    Raises:
        UnavailableError: others changed the same project, or as many as there may be, again and again.
    """

    def attempt() -> tuple[list[dict[str, Any]], tuple[StoredProject, bool]]:
        found = storing(project, editor, now=now)
        return found.writes, (found.project, found.replaces)

    return _until_written(attempt)


def remove_project(project_id: str, editor: Editor, *, now: datetime) -> None:
    """Remove a project.

    Raises:
        NotFoundError: the tenant has none of this id.
        ForbiddenError: it is somebody else's.
        UnavailableError: as for `put_project`.
    """

    def attempt() -> tuple[list[dict[str, Any]], None]:
        if check_replaceable(project_id, editor) is None:
            raise NotFoundError("no project of this id")
        key = to_item({"pk": editor.tenant_id, "sk": project_id})
        audit = _audit(editor, action="removed", project_id=project_id, now=now)
        return [_over(editor, "Delete", {"Key": key}), _counted(editor.tenant_id, -1), audit], None

    _until_written(attempt)


def _until_written(attempt: Callable[[], tuple[list[dict[str, Any]], _Done]]) -> _Done:
    client = clients.dynamodb()
    for _ in range(_TRIES):
        writes, done = attempt()
        try:
            write_together(client, writes)
        except client.exceptions.ClientError as error:
            if not is_condition_failure(error):
                raise
        else:
            return done
    raise UnavailableError("others change the same projects at once; nothing was changed, send it again")


def _check_size(project: StoredProject) -> None:
    size = len(json.dumps(project.model_dump(), ensure_ascii=False).encode())
    if size > MAX_PROJECT_BYTES:
        raise InvalidInputError(
            FieldError(
                "body",
                f"the project takes {size:,} bytes, more than {MAX_PROJECT_BYTES:,}",
                "send shorter texts, or fewer examples",
            )
        )


def _over(editor: Editor, kind: str, request: dict[str, Any]) -> dict[str, Any]:
    """A write over a project that stands, refused where it is gone or, by now, somebody else's."""
    condition: dict[str, Any] = {"ConditionExpression": "attribute_exists(pk)"}
    if not editor.changes_all:
        condition = {
            "ConditionExpression": "#project.created_by = :actor",
            "ExpressionAttributeNames": _PROJECT,
            "ExpressionAttributeValues": {":actor": to_attribute(editor.sub)},
        }
    return {kind: {"TableName": _table(), **request, **condition}}


def _count_key(tenant_id: str) -> dict[str, Any]:
    # No project's id holds a `#`, so no tenant's project is this item, whatever the tenant is called.
    return to_item({"pk": f"COUNT#{quote(tenant_id, safe='')}", "sk": "#PROJECTS"})


def _count(tenant_id: str) -> int:
    answer = clients.dynamodb().get_item(TableName=_table(), Key=_count_key(tenant_id), ConsistentRead=True)
    return int(from_item(answer.get("Item", {})).get("projects", 0))


def _counted(tenant_id: str, more: int) -> dict[str, Any]:
    """A write of the number of the tenant's projects; one more is refused where there are as many as there may be."""
    change: dict[str, Any] = {
        "TableName": _table(),
        "Key": _count_key(tenant_id),
        "UpdateExpression": "ADD projects :more",
        "ExpressionAttributeValues": {":more": to_attribute(more)},
    }
    if more > 0:
        change["ConditionExpression"] = "attribute_not_exists(projects) OR projects < :most"
        change["ExpressionAttributeValues"][":most"] = to_attribute(MAX_STORED)
    return {"Update": change}


def _audit(editor: Editor, *, action: str, project_id: str, now: datetime) -> dict[str, Any]:
    record = audit_record(subject=f"project/{project_id}", action=action, actor=editor.sub, now=now, detail={})
    key = {"pk": f"AUDIT#{quote(editor.tenant_id, safe='')}", "sk": f"{to_iso(now)}#{action}#{project_id}"}
    item = to_item({**key, **record, "expires_at": to_epoch(now + _AUDIT_KEPT)})
    return {"Put": {"TableName": _table(), "Item": item}}


def _table() -> str:
    return ProjectSettings.from_environment().projects_table


def _read(tenant_id: str, project_id: str) -> StoredProject | None:
    key = to_item({"pk": tenant_id, "sk": project_id})
    answer = clients.dynamodb().get_item(TableName=_table(), Key=key, ConsistentRead=True)
    # An item of another kind is no project, whatever the tenant and the id read like.
    found = from_item(answer.get("Item", {})).get("project")
    return None if found is None else StoredProject.model_validate(found)


def _of_tenant(tenant_id: str) -> Any:
    # A tenant's name may read like a partition of audit records, which are nobody's projects.
    return {
        "TableName": _table(),
        "KeyConditionExpression": "pk = :tenant",
        "FilterExpression": "attribute_exists(#project)",
        "ExpressionAttributeNames": _PROJECT,
        "ExpressionAttributeValues": {":tenant": to_attribute(tenant_id)},
        "ConsistentRead": True,
    }
