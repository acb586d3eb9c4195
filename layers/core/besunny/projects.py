"""The tenants' stored projects, which classification chooses from when a request names none."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import quote

from pydantic import BaseModel, Field

from besunny.audit import audit_record
from besunny.aws import clients
from besunny.aws.dynamo import from_item, is_condition_failure, to_attribute, to_item, write_together
from besunny.clock import to_epoch, to_iso
from besunny.errors import FieldError, ForbiddenError, InvalidInputError, NotFoundError
from besunny.settings import Settings

# DynamoDB's items end at 400 KB.
MAX_PROJECT_BYTES = 300 * 1024
# `project` is a reserved word.
_PROJECT = {"#project": "project"}
_AUDIT_KEPT = timedelta(days=400)


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
    """A tenant's projects but archived ones, ordered by id, each with `id`, `name` and what else was stored."""
    pages = clients.dynamodb().get_paginator("query").paginate(**_of_tenant(tenant_id))
    found = [from_item(item)["project"] for page in pages for item in page["Items"]]
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


def put_project(project: StoredProject, editor: Editor, *, now: datetime) -> tuple[StoredProject, bool]:
    """Store a project in the place of the one of the same id; what is stored, and whether there was one.

    Args:
        project: `created_by` and the times are set here.

    Raises:
        ForbiddenError: the one that stands there is somebody else's.
        InvalidInputError: it is larger than `MAX_PROJECT_BYTES`.
    """
    standing = _read(editor.tenant_id, project.id)
    made = {"created_by": editor.sub, "created_at": to_iso(now)}
    if standing is not None:
        made = {"created_by": standing.created_by or editor.sub, "created_at": standing.created_at or to_iso(now)}
    kept = project.model_copy(update={**made, "updated_at": to_iso(now)})
    size = len(json.dumps(kept.model_dump(), ensure_ascii=False).encode())
    if size > MAX_PROJECT_BYTES:
        raise InvalidInputError(
            FieldError(
                "body",
                f"the project takes {size:,} bytes, more than {MAX_PROJECT_BYTES:,}",
                "send shorter texts, or fewer examples",
            )
        )
    item = to_item({"pk": editor.tenant_id, "sk": project.id, "project": kept.model_dump()})
    _write({"Put": {"Item": item}}, editor, action="stored", project_id=project.id, now=now)
    return kept, standing is not None


def remove_project(project_id: str, editor: Editor, *, now: datetime) -> None:
    """Remove a project.

    Raises:
        NotFoundError: the tenant has none of this id.
        ForbiddenError: it is somebody else's.
    """
    get_project(editor.tenant_id, project_id)
    key = to_item({"pk": editor.tenant_id, "sk": project_id})
    _write({"Delete": {"Key": key}}, editor, action="removed", project_id=project_id, now=now)


def _write(write: dict[str, dict[str, Any]], editor: Editor, *, action: str, project_id: str, now: datetime) -> None:
    table = ProjectSettings.from_environment().projects_table
    condition: dict[str, Any] = {}
    if not editor.changes_all:
        condition = {
            "ConditionExpression": "attribute_not_exists(pk) OR #project.created_by = :actor",
            "ExpressionAttributeNames": _PROJECT,
            "ExpressionAttributeValues": {":actor": to_attribute(editor.sub)},
        }
    record = audit_record(subject=f"project/{project_id}", action=action, actor=editor.sub, now=now, detail={})
    key = {"pk": f"AUDIT#{quote(editor.tenant_id, safe='')}", "sk": f"{to_iso(now)}#{action}#{project_id}"}
    audit = to_item({**key, **record, "expires_at": to_epoch(now + _AUDIT_KEPT)})
    client = clients.dynamodb()
    writes = [{kind: {"TableName": table, **request, **condition} for kind, request in write.items()}]
    try:
        write_together(client, [*writes, {"Put": {"TableName": table, "Item": audit}}])
    except client.exceptions.ClientError as error:
        if is_condition_failure(error):
            raise ForbiddenError("a colleague made this project: they, or an operator, may change it") from error
        raise


def _read(tenant_id: str, project_id: str) -> StoredProject | None:
    answer = clients.dynamodb().get_item(
        TableName=ProjectSettings.from_environment().projects_table,
        Key=to_item({"pk": tenant_id, "sk": project_id}),
        ConsistentRead=True,
    )
    return StoredProject.model_validate(from_item(answer["Item"])["project"]) if "Item" in answer else None


def _of_tenant(tenant_id: str) -> Any:
    # A tenant's name may read like a partition of audit records, which are nobody's projects.
    return {
        "TableName": ProjectSettings.from_environment().projects_table,
        "KeyConditionExpression": "pk = :tenant",
        "FilterExpression": "attribute_exists(#project)",
        "ExpressionAttributeNames": _PROJECT,
        "ExpressionAttributeValues": {":tenant": to_attribute(tenant_id)},
        "ConsistentRead": True,
    }
