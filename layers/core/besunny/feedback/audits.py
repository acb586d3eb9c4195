"""The audit record of a change of feedback."""

from datetime import datetime
from typing import Any

from besunny.audit import audit_record
from besunny.aws.dynamo import to_item
from besunny.clock import to_epoch
from besunny.feedback import keys

AUDIT_DAYS = 365
_DAY = 86_400


def audit_write(
    table: str, tenant_id: str, key: str, *, action: str, actor: str, now: datetime, detail: dict[str, Any]
) -> dict[str, Any]:
    """The write that records a change of feedback, for the change's own transaction."""
    record = audit_record(subject=f"document/{key}", action=action, actor=actor, now=now, detail=detail)
    item = {**keys.audit(tenant_id, key, action, now), **record, "expires_at": to_epoch(now) + AUDIT_DAYS * _DAY}
    return {"Put": {"TableName": table, "Item": to_item(item)}}
