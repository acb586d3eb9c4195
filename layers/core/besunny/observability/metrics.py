"""Request metrics and the probe's sample, as CloudWatch EMF log lines: no API call, no waiting."""

from functools import lru_cache

from aws_lambda_powertools import Metrics
from aws_lambda_powertools.metrics import MetricUnit

from besunny.observability import probe

NAMESPACE = "BeSunny"


@lru_cache
def _metrics() -> Metrics:
    return Metrics(namespace=NAMESPACE, service="besunny")


def emit_invocation(*, function_name: str, duration_ms: float, error: bool) -> None:
    """Write one EMF line: the invocation's figures and a psutil sample, by function.

    Args:
        function_name: the dimension `function`.
        duration_ms: of the handler, as the caller of it waited.
        error: whether it answered 5xx or raised.
    """
    metrics = _metrics()
    host = probe.sample()
    metrics.add_dimension(name="function", value=function_name)
    metrics.add_metric(name="Requests", unit=MetricUnit.Count, value=1)
    metrics.add_metric(name="Errors", unit=MetricUnit.Count, value=int(error))
    metrics.add_metric(name="Duration", unit=MetricUnit.Milliseconds, value=duration_ms)
    metrics.add_metric(name="CpuPercent", unit=MetricUnit.Percent, value=host.cpu_percent)
    metrics.add_metric(name="MemoryPercent", unit=MetricUnit.Percent, value=host.memory_percent)
    metrics.add_metric(name="DiskUsagePercent", unit=MetricUnit.Percent, value=host.disk_usage_percent)
    metrics.add_metric(name="ProcessMemory", unit=MetricUnit.Bytes, value=host.process_memory_bytes)
    metrics.add_metric(name="Threads", unit=MetricUnit.Count, value=host.threads)
    metrics.add_metric(name="OpenFiles", unit=MetricUnit.Count, value=host.open_files)
    metrics.flush_metrics()
