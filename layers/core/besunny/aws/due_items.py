"""Items of a table that are due, of all tenants: its sparse index `by_due` holds them and nothing else."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from besunny.aws.dynamo import from_item, to_attribute
from besunny.clock import to_epoch

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_KEY = "DUE"


def due_at(moment: datetime) -> dict[str, Any]:
    """The attributes that put an item into `by_due`."""
    return {"due_key": _KEY, "due": to_epoch(moment)}


def due_items(client: DynamoDBClient, table: str, *, now: datetime, most: int) -> list[dict[str, Any]]:
    """Those due longest; the index is a moment behind, so each must be read again before anything is done about it."""
    answer = client.query(
        TableName=table,
        IndexName="by_due",
        KeyConditionExpression="due_key = :key AND due <= :now",
        ExpressionAttributeValues={":key": to_attribute(_KEY), ":now": to_attribute(to_epoch(now))},
        Limit=most,
    )
    return [from_item(item) for item in answer["Items"]]
