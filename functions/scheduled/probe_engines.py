"""Every minute: engines that all functions keep away from are tried."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.clock import utc_now
from besunny.inference.engines.circuits import RoutingSettings
from besunny.inference.engines.probing import probe_engines
from besunny.observability.observed import observed


@observed
def lambda_handler(_: dict[str, Any], context: LambdaContext) -> dict[str, str]:
    """One round of probes; what it returns is for whoever invokes it by hand."""
    seconds = context.get_remaining_time_in_millis() / 1000 - 5
    return probe_engines(RoutingSettings.from_environment(), utc_now, seconds=seconds)
