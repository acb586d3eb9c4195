"""Function logs as CloudWatch keeps them: a stream an environment, metrics out of EMF lines, AWS/Lambda for every call.

AWS: lines in the embedded metric format become metrics
(AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html); AWS/Lambda counts each
invocation, whoever made it; a log stream belongs to an environment. Stock ministack ignores EMF, counts only calls of
the Invoke API, and makes a stream an invocation, which nothing ever removes.
"""

from __future__ import annotations

import json
import logging
import time
from typing import Any

from ministack.services import cloudwatch, cloudwatch_logs, lambda_svc

from local.repairs.lambda_functions import current_environment, log_group
from local.repairs.pins import expect

logger = logging.getLogger("logs")
# A laptop keeps the newest: the state is saved every few seconds.
STREAMS_KEPT = 100
EVENTS_KEPT = 300


def apply() -> None:
    expect(lambda_svc, "_emit_lambda_logs", "func", "request_id", "log_text", "error", "duration_ms", "log_source")
    expect(lambda_svc, "_emit_lambda_metrics", "function_name", "duration_ms", "error", "throttle")
    expect(
        cloudwatch,
        "_store_datum",
        "namespace",
        "name",
        "dims",
        "ts",
        "unit",
        "value",
        "values",
        "counts",
        "stat_values",
    )
    expect(cloudwatch, "record_metric", "namespace", "metric_name", "value", "unit", "dimensions")
    expect(cloudwatch_logs, "_append_log_events", "stream", "events")
    expect(cloudwatch_logs, "_fanout_to_subscription_filters", "group_name", "stream_name", "events")
    expect(cloudwatch_logs, "_make_group_arn", "name")
    lambda_svc._emit_lambda_logs = _emit_logs
    lambda_svc._emit_lambda_metrics = _counted_elsewhere


def _counted_elsewhere(*_: Any, **__: Any) -> None:
    """ministack calls it for some invocations, `_emit_logs` for all."""


def _emit_logs(func: dict[str, Any], request_id: str, log_text: str, error: bool, duration_ms: int, **_: Any) -> None:
    """Takes what ministack's own takes: of an invocation's outcome, its log and its metrics."""
    config = func.get("config") or func
    version = config.get("Version", "$LATEST")
    lines = log_text.splitlines()
    size = config.get("MemorySize", 128)
    report = [
        f"END RequestId: {request_id}",
        f"REPORT RequestId: {request_id}\tDuration: {duration_ms} ms\tBilled Duration: {duration_ms} ms\t"
        f"Memory Size: {size} MB",
    ]
    _append(config, version, [f"START RequestId: {request_id} Version: {version}", *lines, *report])
    _count(config["FunctionName"], duration_ms, error)
    for line in lines:
        if '"_aws"' in line:
            _store_embedded(line)


def _append(config: dict[str, Any], version: str, lines: list[str]) -> None:
    now_ms = int(time.time() * 1000)
    group_name = log_group(config)
    prefix = time.strftime("%Y/%m/%d/", time.gmtime())
    # Functions that share a log group name themselves in the stream, as AWS does it.
    owner = "" if group_name == f"/aws/lambda/{config['FunctionName']}" else f"{config['FunctionName']}"
    stream_name = f"{prefix}{owner}[{version}]{current_environment.get()}"
    group = cloudwatch_logs._log_groups.get(group_name) or _new_group(group_name, now_ms)
    stream = group["streams"].get(stream_name) or _new_stream(group, stream_name, now_ms)
    events = [{"timestamp": now_ms, "message": line, "ingestionTime": now_ms} for line in lines]
    cloudwatch_logs._append_log_events(stream, events)
    del stream["events"][:-EVENTS_KEPT]
    cloudwatch_logs._fanout_to_subscription_filters(
        group_name, stream_name, [{"timestamp": now_ms, "message": line} for line in lines]
    )


def _new_group(name: str, now_ms: int) -> dict[str, Any]:
    group: dict[str, Any] = {
        "arn": cloudwatch_logs._make_group_arn(name),
        "creationTime": now_ms,
        "retentionInDays": None,
        "tags": {},
        "subscriptionFilters": {},
        "streams": {},
    }
    cloudwatch_logs._log_groups[name] = group
    return group


def _new_stream(group: dict[str, Any], name: str, now_ms: int) -> dict[str, Any]:
    stream = {
        "events": [],
        "uploadSequenceToken": "1",
        "creationTime": now_ms,
        "firstEventTimestamp": None,
        "lastEventTimestamp": None,
        "lastIngestionTime": None,
    }
    streams = group["streams"]
    streams[name] = stream
    for oldest in list(streams)[:-STREAMS_KEPT]:
        streams.pop(oldest, None)
    return stream


def _count(function: str, duration_ms: int, error: bool) -> None:
    for name, value, unit in (
        ("Invocations", 1, "Count"),
        ("Errors", int(error), "Count"),
        ("Throttles", 0, "Count"),
        ("Duration", duration_ms, "Milliseconds"),
    ):
        cloudwatch.record_metric("AWS/Lambda", name, value, unit, {"FunctionName": function})


def _store_embedded(line: str) -> None:
    """Store the metrics of one EMF line; a line that is none is a log line like any other."""
    try:
        document = json.loads(line[line.index("{") :])
        metadata = document["_aws"]
        at = float(metadata["Timestamp"]) / 1000
        for directive in metadata["CloudWatchMetrics"]:
            for names in directive.get("Dimensions") or [[]]:
                dimensions = {name: str(document[name]) for name in names}
                for metric in directive["Metrics"]:
                    value = document[metric["Name"]]
                    values = value if isinstance(value, list) else [value]
                    unit = metric.get("Unit", "None")
                    cloudwatch._store_datum(
                        directive["Namespace"], metric["Name"], dimensions, at, unit, None, values, None, None
                    )
    except (ValueError, KeyError, TypeError) as problem:
        logger.warning("a log line looks like EMF and is not: %r", problem)
