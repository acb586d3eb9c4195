"""Which CloudWatch metrics become which series: data, read by the collector."""

from __future__ import annotations

from dataclasses import dataclass, field

from besunny.performance import series
from besunny.performance.settings import RecorderSettings

_LONGEST_NAME = 64

SUM = ("Sum",)
GAUGE = ("SampleCount", "Sum", "Minimum", "Maximum")
QUANTILES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}


@dataclass(frozen=True)
class Family:
    """Metrics of one namespace that share their dimensions.

    Attributes:
        namespace: CloudWatch's.
        key: the dimension whose value names the source.
        prefix: of the source's name.
        counters: metric -> series, read as the minute's sum.
        gauges: metric -> series, read as samples.
        distributions: metric -> series, read as samples with percentiles.
        beside: the other dimensions, as published; a metric with others is another one.
    """

    namespace: str
    key: str
    prefix: str
    counters: dict[str, str]
    gauges: dict[str, str] = field(default_factory=dict)
    distributions: dict[str, str] = field(default_factory=dict)
    beside: frozenset[str] = frozenset()

    def wanted(self) -> dict[str, tuple[str, tuple[str, ...]]]:
        """Metric -> its series, and the statistics that are read of it."""
        kinds = ((self.counters, SUM), (self.gauges, GAUGE), (self.distributions, (*GAUGE, *QUANTILES)))
        return {metric: (name, read) for names, read in kinds for metric, name in names.items()}

    def source(self, dimensions: dict[str, str], settings: RecorderSettings) -> str | None:
        """The source's name, or None where these dimensions are not of this family or not of this stack."""
        if set(dimensions) != self.beside | {self.key} or not _is_ours(self.key, dimensions, settings):
            return None
        return self.prefix + dimensions[self.key].rsplit(":", 1)[-1]


def _is_ours(key: str, dimensions: dict[str, str], settings: RecorderSettings) -> bool:
    value = dimensions[key]
    if "stack" in dimensions:
        return dimensions["stack"] == settings.stack_name
    if key == "StateMachineArn":
        return value in settings.state_machine_arns.split(",")
    if key == "ApiName":
        return value == settings.api_name and dimensions.get("Stage") == settings.api_stage
    # CloudFormation names them `<stack>-<logical id>-<random>`: a prefix alone would take in the stack `<stack>-dev`.
    stack = value.rsplit("-", 2)[0]
    return stack == settings.stack_name or (_is_cut_short(value) and settings.stack_name.startswith(stack))


def _is_cut_short(name: str) -> bool:
    """Whether CloudFormation may have cut the stack's name so that the whole fits into 64 characters."""
    return len(name) == _LONGEST_NAME and len(name.rsplit("-", 2)[0]) > 1


OWN = "BeSunny"
LAMBDA_PREFIX = "lambda/"

FAMILIES = (
    Family(
        OWN,
        "function",
        series.FUNCTION_PREFIX,
        counters={"Requests": series.REQUESTS, "Errors": series.ERRORS, "Runs": "runs", "RunErrors": "run_errors"},
        gauges={"CpuPercent": series.CPU, "MemoryPercent": series.MEMORY, "DiskUsagePercent": series.DISK},
        distributions={"Duration": series.RESPONSE_TIME, "RunDuration": "run_time_ms"},
        beside=frozenset({"service", "stack"}),
    ),
    Family(
        "AWS/Lambda",
        "FunctionName",
        LAMBDA_PREFIX,
        counters={"Invocations": "invocations", "Errors": "errors", "Throttles": "throttles"},
        gauges={"Duration": "duration_ms"},
    ),
    Family(
        "AWS/States",
        "StateMachineArn",
        "state-machine/",
        counters={
            "ExecutionsStarted": "executions_started",
            "ExecutionsSucceeded": "executions_succeeded",
            "ExecutionsFailed": "executions_failed",
            "ExecutionsTimedOut": "executions_timed_out",
            "ExecutionsAborted": "executions_aborted",
            "ExecutionThrottled": "execution_throttled",
        },
        gauges={"ExecutionTime": "execution_time_ms"},
    ),
    Family(
        "AWS/ApiGateway",
        "ApiName",
        "api/",
        counters={"Count": "requests", "4XXError": "client_errors", "5XXError": "server_errors"},
        gauges={"Latency": "latency_ms"},
        beside=frozenset({"Stage"}),
    ),
    Family(
        "AWS/DynamoDB",
        "TableName",
        "table/",
        counters={
            "ConsumedReadCapacityUnits": "read_units",
            "ConsumedWriteCapacityUnits": "write_units",
            "ReadThrottleEvents": "read_throttles",
            "WriteThrottleEvents": "write_throttles",
        },
    ),
)
