"""What must be deleted from S3 later: noted before it is written or left, so that no crash leaves a text behind."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field

from besunny.aws.due_items import due_at, due_items
from besunny.aws.dynamo import from_item, to_attribute, to_item
from besunny.clock import to_epoch

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# Longer than a function can run: what is announced and not committed by then is left by a crash.
_WRITERS_END = timedelta(minutes=16)
# Queries that read the manifest before may still load these, and a state restored from a moment ago names them again.
_READERS_END = timedelta(minutes=2)


class Vectors(BaseModel):
    """Vectors of one version of a document in an index of S3 Vectors."""

    index: str
    version: str
    chunks: int


class Sweep(BaseModel):
    """Things to delete.

    Attributes:
        sweep_id: names it, within the tenant.
        objects: keys in the data bucket.
        vectors: in S3 Vectors.
    """

    sweep_id: str
    objects: list[str] = Field(default_factory=list)
    vectors: list[Vectors] = Field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.objects or self.vectors)


class Sweeps:
    """The sweeps of all tenants, in the index's table."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def announce(self, tenant_id: str, sweep: Sweep, *, now: datetime) -> None:
        """Note what is about to be written; it is swept in a quarter of an hour unless `kept` is committed."""
        self._client.put_item(TableName=self._table, Item=self._item(tenant_id, sweep, now + _WRITERS_END))

    def kept(self, tenant_id: str, sweep: Sweep) -> dict[str, Any]:
        """A transaction's write: what was announced is in use now; refused where it may have been swept."""
        condition = "attribute_exists(pk)"
        return {"Delete": {**self._at(tenant_id, sweep), "ConditionExpression": condition}}

    def left(self, tenant_id: str, sweep: Sweep, *, now: datetime) -> dict[str, Any]:
        """A transaction's write: these are in use no more."""
        return {"Put": {"TableName": self._table, "Item": self._item(tenant_id, sweep, now)}}

    def left_for_later(self, tenant_id: str, sweep: Sweep, *, now: datetime) -> dict[str, Any]:
        """As `left`, due in two minutes: the tenant's first change after that deletes them, or the schedule."""
        return self.left(tenant_id, sweep, now=now + _READERS_END)

    def is_announced(self, tenant_id: str, sweep: Sweep) -> bool:
        """Whether the notice still stands."""
        return "Item" in self._client.get_item(**self._at(tenant_id, sweep), ConsistentRead=True)

    def due(self, tenant_id: str, *, now: datetime) -> list[Sweep]:
        """The tenant's sweeps that are due."""
        values = {":tenant": tenant_id, ":sweep": "SWEEP#", ":now": to_epoch(now)}
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :tenant AND begins_with(sk, :sweep)",
            FilterExpression="due <= :now",
            ExpressionAttributeValues={name: to_attribute(value) for name, value in values.items()},
            ConsistentRead=True,
        )
        return [Sweep.model_validate(from_item(item)) for page in pages for item in page["Items"]]

    def due_of_all(self, *, now: datetime, most: int) -> list[tuple[str, Sweep]]:
        """At most so many sweeps that are due, each with its tenant; those that are done already left out."""
        found = due_items(self._client, self._table, now=now, most=most)
        sweeps = [(item["pk"], Sweep.model_validate(item)) for item in found]
        return [(tenant_id, sweep) for tenant_id, sweep in sweeps if self.is_announced(tenant_id, sweep)]

    def done(self, tenant_id: str, sweep: Sweep) -> None:
        """Forget a sweep whose things are deleted."""
        self._client.delete_item(**self._at(tenant_id, sweep))

    def _at(self, tenant_id: str, sweep: Sweep) -> dict[str, Any]:
        return {"TableName": self._table, "Key": to_item({"pk": tenant_id, "sk": f"SWEEP#{sweep.sweep_id}"})}

    def _item(self, tenant_id: str, sweep: Sweep, due: datetime) -> dict[str, Any]:
        key = {"pk": tenant_id, "sk": f"SWEEP#{sweep.sweep_id}"}
        return to_item({**key, **sweep.model_dump(), **due_at(due)})
