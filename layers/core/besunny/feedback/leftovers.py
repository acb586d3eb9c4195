"""Texts of corrections that may stand for nothing: each is noted before it is written or left, and looked at later."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from besunny.aws import clients
from besunny.aws.due_items import due_at, due_items
from besunny.aws.dynamo import from_item, to_item
from besunny.feedback import keys, texts
from besunny.feedback.corrections import Corrections

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# Longer than a function can run: by then its correction is kept, or never will be.
_WRITERS_END = timedelta(minutes=16)
# Classifications that read the correction before may still read its text.
_READERS_END = timedelta(minutes=2)


class Leftovers:
    """The notes, beside the corrections of all tenants.

    Args:
        client: DynamoDB's; that of this process unless given.
    """

    def __init__(self, table: str, bucket: str, client: DynamoDBClient | None = None) -> None:
        self._table = table
        self._bucket = bucket
        self._client = client or clients.dynamodb()

    def announce(self, tenant_id: str, key: str, *, now: datetime) -> None:
        """Note that a text is about to be written; in a quarter of an hour it is swept where no correction keeps it."""
        self._client.put_item(**self._note(tenant_id, key, now + _WRITERS_END))

    def left(self, tenant_id: str, key: str, *, now: datetime) -> dict[str, Any]:
        """A transaction's write: no correction needs this text any more."""
        return {"Put": self._note(tenant_id, key, now + _READERS_END)}

    def due(self, *, now: datetime, most: int) -> list[dict[str, Any]]:
        """At most so many notes that are due, of all tenants."""
        return due_items(self._client, self._table, now=now, most=most)

    def settle(self, note: dict[str, Any]) -> bool:
        """Delete the text of a note that is due unless a correction needs it; whether the note still stood."""
        tenant_id, key = note["pk"], note["sk"].removeprefix(keys.LEFTOVER)
        place = to_item(keys.leftover(tenant_id, key))
        found = self._client.get_item(TableName=self._table, Key=place, ConsistentRead=True).get("Item", {})
        if from_item(found).get("due") != note["due"]:
            return False  # noted anew, or settled by another run
        if Corrections(self._table, self._client).find(tenant_id, key) is None:
            texts.remove(self._bucket, texts.TEACHING, tenant_id, key)
        self._client.delete_item(TableName=self._table, Key=place)
        return True

    def _note(self, tenant_id: str, key: str, due: datetime) -> dict[str, Any]:
        return {"TableName": self._table, "Item": to_item({**keys.leftover(tenant_id, key), **due_at(due)})}
