"""The metrics table: points by source and period, in three resolutions, each with its lifetime.

An item holds every series of one source in one period: pk `<resolution>#<source>`, sk the period's start. Writing a
period again replaces it, so duplicates and late points change nothing twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

from besunny.aws import clients
from besunny.aws.dynamo import from_item, is_condition_failure, to_item
from besunny.clock import from_iso, to_epoch, to_iso
from besunny.performance.points import Points, from_text, to_text

MOST_ITEMS = 1500
"""No window reads more items than this."""

SNAPSHOT = "snapshot"
"""The document that is the recorder's latest snapshot."""

STALE_AFTER = timedelta(minutes=3)
"""Older data say nothing of now: the recorder missed two runs."""


class Resolution(Enum):
    """Length of a period, and how many days its items are kept."""

    MINUTE = (60, 15)
    HOUR = (3600, 100)
    DAY = (86400, 800)

    @property
    def seconds(self) -> int:
        """Length of a period."""
        return self.value[0]

    @property
    def lifetime(self) -> timedelta:
        """How long its items are kept."""
        return timedelta(days=self.value[1])

    def floor(self, moment: datetime) -> datetime:
        """The start of the period that holds this moment."""
        return datetime.fromtimestamp(moment.timestamp() // self.seconds * self.seconds, UTC)

    @classmethod
    def for_window(cls, hours: float) -> Resolution:
        """The finest whose items over this window are at most 1,500, the period under way included."""
        for resolution in cls:
            if hours * 3600 / resolution.seconds + 1 <= MOST_ITEMS:
                return resolution
        raise ValueError(f"{hours} hours are longer than the history that is kept")


@dataclass(frozen=True)
class Period:
    """The points of one source in one period."""

    source: str
    start: datetime
    points: Points


def write_periods(table: str, resolution: Resolution, periods: Iterable[Period]) -> int:
    """Write periods, replacing what they held before; returns how many."""
    requests = [{"PutRequest": {"Item": _item(resolution, period)}} for period in periods if period.points]
    for first in range(0, len(requests), 25):
        left: dict[str, Any] = {table: requests[first : first + 25]}
        # DynamoDB hands back what it would not take; six rounds bound a throttled recorder's patience.
        for _ in range(6):
            left = dict(clients.dynamodb().batch_write_item(RequestItems=left).get("UnprocessedItems", {}))
            if not left:
                break
        else:
            raise RuntimeError(f"the metrics table took only a part: {sum(map(len, left.values()))} periods are left")
    return len(requests)


def _item(resolution: Resolution, period: Period) -> dict[str, Any]:
    return to_item(
        {
            "pk": f"{resolution.name}#{period.source}",
            "sk": to_iso(period.start),
            "points": to_text(period.points),
            "expires_at": to_epoch(period.start + resolution.lifetime),
        }
    )


def read_periods(
    table: str, resolution: Resolution, source: str, start: datetime, end: datetime, *, limit: int = MOST_ITEMS
) -> list[Period]:
    """The periods of a source that start in [start, end), oldest first, at most `limit`."""
    if start >= end:
        return []
    query: dict[str, Any] = {
        "TableName": table,
        "KeyConditionExpression": "pk = :pk AND sk BETWEEN :start AND :end",
        "ExpressionAttributeValues": to_item(
            {
                ":pk": f"{resolution.name}#{source}",
                ":start": to_iso(start),
                ":end": to_iso(end - timedelta(milliseconds=1)),
            }
        ),
        "Limit": limit,
    }
    found: list[Period] = []
    while len(found) < limit:
        page = clients.dynamodb().query(**query)
        for raw in page["Items"]:
            item = from_item(raw)
            found.append(Period(source, from_iso(item["sk"]), from_text(item["points"])))
        if "LastEvaluatedKey" not in page:
            break
        query |= {"ExclusiveStartKey": page["LastEvaluatedKey"], "Limit": limit - len(found)}
    return found


def read_document(table: str, name: str) -> dict[str, Any] | None:
    """A document of the recorder's (its latest snapshot, how far it rolled up), or None."""
    answer = clients.dynamodb().get_item(TableName=table, Key=to_item({"pk": "document", "sk": name}))
    return from_item(answer["Item"]) if "Item" in answer else None


def write_document(table: str, name: str, at: datetime, values: dict[str, Any]) -> bool:
    """Replace a document unless a newer one stands; returns whether it was written."""
    item = {"pk": "document", "sk": name, "at": to_iso(at), **values}
    try:
        clients.dynamodb().put_item(
            TableName=table,
            Item=to_item(item),
            ConditionExpression="attribute_not_exists(pk) OR #at <= :at",
            ExpressionAttributeNames={"#at": "at"},
            ExpressionAttributeValues=to_item({":at": to_iso(at)}),
        )
    except clients.dynamodb().exceptions.ClientError as error:
        if not is_condition_failure(error):
            raise
        return False
    return True
