"""The audit record that each change of state writes in its own transaction."""

from datetime import datetime
from typing import Any

from besunny.clock import to_iso


def audit_record(*, subject: str, action: str, actor: str, now: datetime, detail: dict[str, Any]) -> dict[str, Any]:
    """The attributes of an audit item; the store adds its key.

    Args:
        subject: what changed, such as `workflow/<id>`.
        action: the change, such as `cancelled`.
        actor: the `sub` of the caller, or `system:<function>`.
        now: when.
        detail: figures and ids only; never content of documents.
    """
    return {"subject": subject, "action": action, "actor": actor, "at": to_iso(now), "detail": detail}
