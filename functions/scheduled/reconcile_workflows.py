"""Every minute: what a fault left behind is repaired, and what waits is started."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.clock import utc_now
from besunny.observability.observed import observed
from besunny.orchestration.parts import parts
from besunny.orchestration.reconciliation import reconcile


@observed
def lambda_handler(_event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Repair, and say what was repaired."""
    return reconcile(parts(), now=utc_now()).model_dump()
