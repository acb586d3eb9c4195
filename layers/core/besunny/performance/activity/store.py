"""The activity table: events, and by user and hour what they add up to, both in one transaction.

pk `user#<tenant>#<sub>`; sk `event#<time>#<id>`, and `hour#<start>` with counts, features and the minutes of activity.
A second delivery of an event changes neither.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from besunny.aws import clients
from besunny.aws.dynamo import from_item, is_condition_failure, to_item, write_together
from besunny.clock import from_iso, to_epoch, to_iso
from besunny.performance.activity.models import Activity, ActivityType
from besunny.performance.metric_store import Resolution

_EVENTS_KEPT = timedelta(days=30)
_HOURS_KEPT = timedelta(days=400)
LONGEST_WINDOW_HOURS = 720


@dataclass(frozen=True)
class HourOfUse:
    """What one user did in one hour."""

    start: datetime
    api_calls: int = 0
    workflows_executed: int = 0
    data_processed: int = 0
    features: frozenset[str] = frozenset()
    minutes: list[datetime] = field(default_factory=list)


def record_activity(table: str, activity: Activity) -> bool:
    """Record one activity; returns whether it is new.

    Raises:
        ClientError: DynamoDB did not take it.
    """
    try:
        write_together(clients.dynamodb(), [_event_put(table, activity), _hour_add(table, activity)])
    except clients.dynamodb().exceptions.ClientError as error:
        if is_condition_failure(error):
            return False
        raise
    return True


def read_hours(table: str, tenant_id: str, sub: str, start: datetime, end: datetime) -> list[HourOfUse]:
    """The hours in [start, end) in which the user did something, oldest first; at most 720 items."""
    query: dict[str, Any] = {
        "TableName": table,
        "KeyConditionExpression": "pk = :pk AND sk BETWEEN :start AND :end",
        "ExpressionAttributeValues": to_item(
            {":pk": _user(tenant_id, sub), ":start": f"hour#{to_iso(start)}", ":end": f"hour#{to_iso(end)}"}
        ),
    }
    pages = clients.dynamodb().get_paginator("query").paginate(**query)
    return [_hour(from_item(item)) for page in pages for item in page["Items"]]


def newest_event(table: str, tenant_id: str, sub: str) -> datetime | None:
    """When the user did something last, or None."""
    page = clients.dynamodb().query(
        TableName=table,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :event)",
        ExpressionAttributeValues=to_item({":pk": _user(tenant_id, sub), ":event": "event#"}),
        ScanIndexForward=False,
        Limit=1,
    )
    return from_iso(from_item(page["Items"][0])["at"]) if page["Items"] else None


def _user(tenant_id: str, sub: str) -> str:
    # Quoted, so that no `#` in a name can point into another tenant's partition.
    return f"user#{quote(tenant_id, safe='')}#{quote(sub, safe='')}"


def _event_put(table: str, activity: Activity) -> Any:
    item = {
        **activity.model_dump(mode="json"),
        "pk": _user(activity.tenant_id, activity.sub),
        "sk": f"event#{to_iso(activity.at)}#{activity.activity_id}",
        "at": to_iso(activity.at),
        "expires_at": to_epoch(activity.at + _EVENTS_KEPT),
    }
    return {"Put": {"TableName": table, "Item": to_item(item), "ConditionExpression": "attribute_not_exists(pk)"}}


def _hour_add(table: str, activity: Activity) -> Any:
    hour = Resolution.HOUR.floor(activity.at)
    started = activity.activity_type is ActivityType.WORKFLOW_EXECUTION
    values: dict[str, Any] = {
        ":calls": int(activity.is_api_call),
        ":workflows": int(started),
        ":bytes": activity.data_bytes,
        ":minute": {activity.at.minute},
        ":expires": to_epoch(hour + _HOURS_KEPT),
    }
    adds = ["api_calls :calls", "workflows_executed :workflows", "data_processed :bytes", "active_minutes :minute"]
    if activity.feature is not None:
        adds.append("features :feature")
        values[":feature"] = {activity.feature}
    return {
        "Update": {
            "TableName": table,
            "Key": to_item({"pk": _user(activity.tenant_id, activity.sub), "sk": f"hour#{to_iso(hour)}"}),
            "UpdateExpression": f"SET expires_at = :expires ADD {', '.join(adds)}",
            "ExpressionAttributeValues": to_item(values),
        }
    }


def _hour(item: dict[str, Any]) -> HourOfUse:
    start = from_iso(item["sk"].removeprefix("hour#"))
    return HourOfUse(
        start=start,
        api_calls=item["api_calls"],
        workflows_executed=item["workflows_executed"],
        data_processed=item["data_processed"],
        features=frozenset(item.get("features", ())),
        minutes=[start + timedelta(minutes=int(minute)) for minute in sorted(item["active_minutes"])],
    )
