"""What differs between ministack and AWS, repaired: a file a difference, each with AWS's behaviour in its docstring.

Every repair first checks that the names it replaces are the ones it was written for (`pins`).
"""

from __future__ import annotations

from dataclasses import dataclass

from local.emulator.settings import EmulatorSettings
from local.repairs import (
    api_gateway,
    cloudwatch_alarms,
    cloudwatch_metrics,
    dynamodb_streams,
    dynamodb_ttl,
    lambda_functions,
    lambda_limits,
    lambda_logs,
    state_saving,
    step_functions,
)


@dataclass(frozen=True)
class Repaired:
    """The repairs that have a life of their own: whoever runs the emulator starts and stops them."""

    functions: lambda_functions.FunctionRunner
    state: state_saving.StateSaver


def apply_all(settings: EmulatorSettings) -> Repaired:
    """Apply every repair, before ministack serves anything. Raises PinMismatch when ministack is another version."""
    functions = lambda_functions.apply(settings)
    lambda_limits.apply()
    lambda_logs.apply()
    api_gateway.apply()
    step_functions.apply()
    dynamodb_ttl.apply()
    dynamodb_streams.apply()
    cloudwatch_alarms.apply()
    cloudwatch_metrics.apply()
    return Repaired(functions, state_saving.apply(settings.data / "state", settings.autosave_seconds))
