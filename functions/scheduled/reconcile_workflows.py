"""Every minute: what a fault left behind is repaired, what waits is started, and what nothing needs is deleted."""

from datetime import datetime
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.clock import utc_now
from besunny.inference.sweeping import sweep_what_is_left
from besunny.observability.observed import observed
from besunny.orchestration.parts import parts
from besunny.orchestration.reconciliation import reconcile


def repair_and_sweep(now: datetime) -> dict[str, Any]:
    """What was done; neither waits for the other to succeed."""
    try:
        repairs = reconcile(parts(), now=now)
    finally:
        swept = sweep_what_is_left(now=now)
    return {**repairs.model_dump(), "swept": swept.model_dump()}


@observed
def lambda_handler(_event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Repair and sweep, and say what was done."""
    return repair_and_sweep(utc_now())
