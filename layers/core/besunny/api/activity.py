"""What a caller did becomes one message on the activity queue; the request never fails by it."""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from besunny.clock import to_iso
from besunny.observability.logs import logger
from besunny.observability.metrics import emit_count
from besunny.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

_STARTS_WORKFLOWS = frozenset(
    {
        "/v1/ai-orchestration/workflows",
        "/v1/ai-orchestration/workflows/batch",
        "/v1/ai-orchestration/workflows/{workflow_id}/rerun",
    }
)


class ActivityQueueSettings(Settings):
    """Where calls are recorded; empty: nowhere."""

    activity_queue_url: str = ""


@lru_cache
def _sqs() -> SQSClient:
    # Imported here: the open endpoints have no caller to record, and need no boto3.
    import boto3
    from botocore.config import Config

    # The caller waits for this, so it gets one try of half a second.
    once = Config(connect_timeout=0.3, read_timeout=0.5, retries={"total_max_attempts": 1})
    return boto3.client("sqs", config=once)


def message_of(
    event: dict[str, Any], *, request_id: str, status: int, duration_ms: float, now: datetime
) -> dict[str, Any] | None:
    """The call as an activity, or None where nobody is known to have made it.

    Args:
        event: API Gateway's proxy event; of its body only the length is taken.
        request_id: becomes the activity's id, so that a second delivery is known as one.
        status: of the answer.
        duration_ms: as the caller waited.
        now: when it was answered.
    """
    authorizer = (event.get("requestContext") or {}).get("authorizer") or {}
    if not authorizer.get("sub"):
        return None
    route = event["resource"]
    started = event["httpMethod"] == "POST" and route in _STARTS_WORKFLOWS and status < 300
    return {
        "activity_id": request_id,
        "tenant_id": authorizer["tenant_id"],
        "sub": authorizer["sub"],
        "at": to_iso(now),
        "activity_type": "workflow_execution" if started else "api_call",
        "feature": "/".join(route.strip("/").split("/")[1:3]),
        "from_api": True,
        "data_bytes": len((event.get("body") or "").encode()),
        "status": status,
        "duration_ms": duration_ms,
    }


def record_call(event: dict[str, Any], *, request_id: str, status: int, duration_ms: float, now: datetime) -> None:
    """Send the call to the activity queue, if the settings name one; a failure is logged and counted only."""
    queue_url = ActivityQueueSettings.from_environment().activity_queue_url
    message = message_of(event, request_id=request_id, status=status, duration_ms=duration_ms, now=now)
    if not queue_url or message is None:
        return
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        _sqs().send_message(QueueUrl=queue_url, MessageBody=json.dumps(message))
    except (BotoCoreError, ClientError) as error:
        logger().warning("an activity is lost", extra={"error": f"{type(error).__name__}: {error}"})
        emit_count("ActivityLost", 1)
