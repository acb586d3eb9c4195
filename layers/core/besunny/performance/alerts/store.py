"""Third stage: alerts in their table, each change with its history in one transaction.

pk `alert#<fingerprint>`; sk `state` is the alert as it stands, `event#<time>#<version>` what it was.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from besunny.audit import audit_record
from besunny.aws import clients
from besunny.aws.dynamo import from_item, is_condition_failure, to_item
from besunny.clock import to_epoch, to_iso
from besunny.performance.alerts.lifecycle import Alert, AlertState

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

_HISTORY_KEPT = timedelta(days=365)
_ENDED_KEPT = timedelta(days=30)


def read_alert(table: str, fingerprint: str) -> Alert | None:
    """The alert as it stands, or None."""
    key = to_item({"pk": f"alert#{fingerprint}", "sk": "state"})
    answer = clients.dynamodb().get_item(TableName=table, Key=key, ConsistentRead=True)
    return _alert(answer["Item"]) if "Item" in answer else None


def save_alert(table: str, before: Alert | None, after: Alert) -> bool:
    """Write the alert if nobody else changed it meanwhile; a change of state also writes history and audit.

    Returns:
        Whether it was written: of concurrent evaluators, one wins.
    """
    state: Any = {"Put": {"TableName": table, "Item": _state_item(after), **_unless_changed(before)}}
    moved = before is None or before.state is not after.state
    history: list[Any] = [{"Put": {"TableName": table, "Item": _history_item(before, after)}}] if moved else []
    try:
        clients.dynamodb().transact_write_items(TransactItems=[state, *history])
    except clients.dynamodb().exceptions.ClientError as error:
        if _lost(error):
            return False
        raise
    return True


def mark_noticed(table: str, alert: Alert) -> None:
    """Note that operators were told of this state; where the alert has moved on, its new state decides."""
    try:
        clients.dynamodb().update_item(
            TableName=table,
            Key=to_item({"pk": f"alert#{alert.fingerprint}", "sk": "state"}),
            UpdateExpression="SET notice_due = :no",
            ConditionExpression="#state = :state AND since = :since",
            ExpressionAttributeNames={"#state": "state"},
            ExpressionAttributeValues=to_item({":no": False, ":state": alert.state, ":since": to_iso(alert.since)}),
        )
    except clients.dynamodb().exceptions.ClientError as error:
        if not is_condition_failure(error):
            raise


def active_alerts(table: str) -> list[Alert]:
    """Every firing and pending alert; there is at most one a rule, of rules that were removed too."""
    pages = clients.dynamodb().get_paginator("query")
    return [
        _alert(item)
        for state in (AlertState.FIRING, AlertState.PENDING)
        for page in pages.paginate(
            TableName=table,
            IndexName="by_state",
            KeyConditionExpression="state_key = :state",
            ExpressionAttributeValues=to_item({":state": str(state)}),
        )
        for item in page["Items"]
    ]


def list_alerts(table: str, state: AlertState, limit: int) -> list[Alert]:
    """Alerts in a state, newest first, at most `limit`."""
    page = clients.dynamodb().query(
        TableName=table,
        IndexName="by_state",
        KeyConditionExpression="state_key = :state",
        ExpressionAttributeValues=to_item({":state": str(state)}),
        ScanIndexForward=False,
        Limit=limit,
    )
    return [_alert(item) for item in page["Items"]]


def _alert(item: dict[str, Any]) -> Alert:
    return Alert.model_validate(from_item(item))


def _lost(error: ClientError) -> bool:
    reasons: list[Any] = error.response.get("CancellationReasons", [])
    return is_condition_failure(error) or any(r.get("Code") == "TransactionConflict" for r in reasons)


def _unless_changed(before: Alert | None) -> dict[str, Any]:
    if before is None:
        return {"ConditionExpression": "attribute_not_exists(pk)"}
    return {
        "ConditionExpression": "version = :version",
        "ExpressionAttributeValues": to_item({":version": before.version}),
    }


def _state_item(alert: Alert) -> dict[str, Any]:
    ended = alert.state in (AlertState.RESOLVED, AlertState.DROPPED)
    return to_item(
        {
            "pk": f"alert#{alert.fingerprint}",
            "sk": "state",
            **_plain(alert),
            # A breach that did not last is no alert: it is in no list.
            "state_key": None if alert.state is AlertState.DROPPED else str(alert.state),
            "state_sort": None if alert.state is AlertState.DROPPED else f"{to_iso(alert.since)}#{alert.fingerprint}",
            "expires_at": to_epoch(alert.since + _ENDED_KEPT) if ended else None,
        }
    )


def _history_item(before: Alert | None, after: Alert) -> dict[str, Any]:
    audit = audit_record(
        subject=f"alert/{after.fingerprint}",
        action=str(after.state),
        actor="system:recorder",
        now=after.seen_at,
        detail={"before": str(before.state) if before else None, "value": after.value, "threshold": after.threshold},
    )
    return to_item(
        {
            "pk": f"alert#{after.fingerprint}",
            "sk": f"event#{to_iso(after.seen_at)}#{after.version}",
            **_plain(after),
            "audit": audit,
            "expires_at": to_epoch(after.seen_at + _HISTORY_KEPT),
        }
    )


def _plain(alert: Alert) -> dict[str, Any]:
    moments: dict[str, datetime] = {"since": alert.since, "seen_at": alert.seen_at}
    return {**alert.model_dump(mode="python"), "state": str(alert.state), **{k: to_iso(v) for k, v in moments.items()}}
