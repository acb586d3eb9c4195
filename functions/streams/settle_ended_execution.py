"""Executions that failed, timed out or were stopped: their workflows are settled."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.clock import utc_now
from besunny.observability.observed import observed
from besunny.orchestration.endings import settle_ended_execution
from besunny.orchestration.parts import parts


@observed
def lambda_handler(event: dict[str, Any], _context: LambdaContext) -> int:
    """1 where this settled the workflow, 0 where it was refused; a number, so that a batch of them stays small."""
    return int(settle_ended_execution(parts(), event, now=utc_now()) is not None)
