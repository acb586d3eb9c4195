"""The tenants' stored projects, which classification chooses from when a request names none."""

from typing import Any

from besunny.aws import clients
from besunny.aws.dynamo import from_item, to_attribute
from besunny.settings import Settings


class ProjectSettings(Settings):
    """Where projects are kept: partition `pk` is the tenant, sort key `sk` the project's id."""

    projects_table: str


def stored_projects(tenant_id: str) -> list[dict[str, Any]]:
    """All projects of a tenant, ordered by id, each with `id`, `name` and what else was stored."""
    pages = (
        clients.dynamodb()
        .get_paginator("query")
        .paginate(
            TableName=ProjectSettings.from_environment().projects_table,
            KeyConditionExpression="pk = :tenant",
            ExpressionAttributeValues={":tenant": to_attribute(tenant_id)},
        )
    )
    return [from_item(item)["project"] for page in pages for item in page["Items"]]
