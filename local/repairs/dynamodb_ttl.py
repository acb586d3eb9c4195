"""A table's TimeToLiveSpecification takes effect, and what TTL deletes appears in the table's stream.

AWS: CloudFormation's `TimeToLiveSpecification` turns TTL on; a TTL delete is a REMOVE record whose `userIdentity` is
`{"type": "Service", "principalId": "dynamodb.amazonaws.com"}`. Stock
ministack does neither.
"""

from __future__ import annotations

import threading
from typing import Any

from ministack.core import responses
from ministack.services import dynamodb
from ministack.services.cloudformation import provisioners

from local.repairs.pins import expect

SERVICE_IDENTITY = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
REAPER_THREAD = "dynamodb-ttl-reaper"


def apply() -> None:
    expect(dynamodb, "_update_ttl", "data")
    expect(dynamodb, "_emit_stream_event", "table_name", "event_name", "old_item", "new_item", "replicate")
    _honour_specification()
    _stream_deletes()


def _honour_specification() -> None:
    table = expect(provisioners, "_RESOURCE_HANDLERS")["AWS::DynamoDB::Table"]
    create, update = table["create"], table["update"]

    def create_table(logical_id: str, props: dict[str, Any], stack_name: str) -> Any:
        created = create(logical_id, props, stack_name)
        _set_ttl(created[0], props)
        return created

    def update_table(physical_id: str, old: dict[str, Any], new: dict[str, Any], *rest: Any, **named: Any) -> Any:
        updated = update(physical_id, old, new, *rest, **named)
        _set_ttl(updated[0] if isinstance(updated, tuple) else physical_id, new)
        return updated

    table["create"], table["update"] = create_table, update_table


def _set_ttl(name: str, props: dict[str, Any]) -> None:
    specification = props.get("TimeToLiveSpecification")
    if specification:
        enabled = str(specification.get("Enabled")).lower() == "true"
        wanted = {"Enabled": enabled, "AttributeName": specification.get("AttributeName", "")}
        status, _, body = dynamodb._update_ttl({"TableName": name, "TimeToLiveSpecification": wanted})
        if status >= 400:
            raise ValueError(f"TimeToLiveSpecification of table {name}: {body!r}")


def _stream_deletes() -> None:
    remove = expect(dynamodb, "_remove_item", "table", "pk_val", "sk_val")
    build = expect(dynamodb, "_build_change_record", "table", "event_name", "old_item", "new_item", "view_type")

    def remove_item(table: dict[str, Any], pk_val: Any, sk_val: Any) -> Any:
        item = remove(table, pk_val, sk_val)
        if item is not None and _is_reaper():
            _, _, _, region, account, _ = table["TableArn"].split(":", 5)
            with responses.request_scope(account, region):
                dynamodb._emit_stream_event(table["TableName"], "REMOVE", item, None, False)
        return item

    def build_change_record(*arguments: Any, **named: Any) -> Any:
        record = build(*arguments, **named)
        return {**record, "userIdentity": SERVICE_IDENTITY} if _is_reaper() else record

    dynamodb._remove_item = remove_item
    dynamodb._build_change_record = build_change_record


def _is_reaper() -> bool:
    return threading.current_thread().name == REAPER_THREAD
