"""What no task settles: a service that failed, and a batch whose items are done."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.clock import utc_now
from besunny.observability.observed import observed
from besunny.orchestration.endings import settle
from besunny.orchestration.parts import parts


@observed
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> int:
    """1 where this ended the workflow, 0 where others are still to end or it was refused."""
    return int(settle(parts(), event, now=utc_now()) is not None)
