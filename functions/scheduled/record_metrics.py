"""Every minute: figures into the metrics table, and alerts from them."""

import time
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.clock import utc_now
from besunny.observability.observed import observed
from besunny.performance.minute import run_minute
from besunny.performance.settings import RecorderSettings


@observed
def lambda_handler(_: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """One run of the recorder; what it returns is for whoever invokes it by hand."""
    settings, left = RecorderSettings.from_environment(), context.get_remaining_time_in_millis
    return run_minute(settings, utc_now(), remaining_ms=left, monotonic=time.monotonic, sleep=time.sleep)
