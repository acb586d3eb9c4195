"""Request metrics and the probe's sample, as CloudWatch EMF log lines: no API call, no waiting."""

from functools import lru_cache

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit

from besunny.observability import probe
from besunny.settings import Settings

NAMESPACE = "BeSunny"


class MetricsDimensions(Settings):
    """What every metric carries."""

    stack_name: str = "unnamed"


@lru_cache
def _metrics() -> Metrics:
    return Metrics(namespace=NAMESPACE, service="besunny")


def _of_this_stack() -> Metrics:
    """Two stacks of one account must not add up: every metric carries `stack`, beside Powertools' own `service`."""
    metrics = _metrics()
    metrics.add_dimension(name="stack", value=MetricsDimensions.from_environment().stack_name)
    return metrics


def emit_invocation(*, function_name: str, duration_ms: float, error: bool, request: bool = False) -> None:
    """Write one EMF line: the invocation's figures and a psutil sample, by function.

    A function may answer the API and work for a state machine; so that the API's figures count only callers, they are
    `Requests, Errors, Duration`, and those of all other invocations `Runs, RunErrors, RunDuration`.

    Args:
        function_name: the dimension `function`.
        duration_ms: of the handler, as the caller of it waited.
        error: whether it answered 5xx or raised.
        request: whether a caller of the API waited for it.
    """
    metrics = _of_this_stack()
    host = probe.sample()
    metrics.add_dimension(name="function", value=function_name)
    count, errors, duration = ("Requests", "Errors", "Duration") if request else ("Runs", "RunErrors", "RunDuration")
    metrics.add_metric(name=count, unit=MetricUnit.Count, value=1)
    metrics.add_metric(name=errors, unit=MetricUnit.Count, value=int(error))
    metrics.add_metric(name=duration, unit=MetricUnit.Milliseconds, value=duration_ms)
    if host.cpu_percent is not None:
        metrics.add_metric(name="CpuPercent", unit=MetricUnit.Percent, value=host.cpu_percent)
    metrics.add_metric(name="MemoryPercent", unit=MetricUnit.Percent, value=host.memory_percent)
    metrics.add_metric(name="DiskUsagePercent", unit=MetricUnit.Percent, value=host.disk_usage_percent)
    metrics.add_metric(name="ProcessMemory", unit=MetricUnit.Bytes, value=host.process_memory_bytes)
    metrics.add_metric(name="Threads", unit=MetricUnit.Count, value=host.threads)
    metrics.add_metric(name="OpenFiles", unit=MetricUnit.Count, value=host.open_files)
    metrics.flush_metrics()


def emit_count(name: str, value: int) -> None:
    """Write one EMF line with a count of the whole stack, such as `ActivityLost`."""
    metrics = _of_this_stack()
    metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)
    metrics.flush_metrics()


def emit_engine_call(
    *, engine: str, input_tokens: int, output_tokens: int, milliseconds: float, usd: float | None, failed: bool
) -> None:
    """Write one EMF line about one request to a metered engine, by engine.

    Args:
        engine: the dimension `engine`.
        usd: left out where it is not known.
    """
    metrics = _of_this_stack()
    metrics.add_dimension(name="engine", value=engine)
    metrics.add_metric(name="EngineCalls", unit=MetricUnit.Count, value=1)
    metrics.add_metric(name="EngineErrors", unit=MetricUnit.Count, value=int(failed))
    metrics.add_metric(name="EngineInputTokens", unit=MetricUnit.Count, value=input_tokens)
    metrics.add_metric(name="EngineOutputTokens", unit=MetricUnit.Count, value=output_tokens)
    metrics.add_metric(name="EngineDuration", unit=MetricUnit.Milliseconds, value=milliseconds)
    if usd is not None:
        metrics.add_metric(name="EngineUsd", unit=MetricUnit.NoUnit, value=usd)
    metrics.flush_metrics()
