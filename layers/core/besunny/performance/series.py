"""Names of the sources and series, and how the overview of all functions is made of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from besunny.performance.points import Point, Points, merged, single

OVERVIEW = "overview"
"""The source that says how the whole does: what health, alerts and the metrics endpoints read."""

RECORDER = "recorder"
"""The source of the recorder's own psutil samples."""

FUNCTION_PREFIX = "function/"
"""Sources of what each function says of itself by EMF: `function/<name>`."""

CPU = "cpu_percent"
MEMORY = "memory_percent"
DISK = "disk_usage_percent"
SENT = "network_sent_bytes_per_second"
RECEIVED = "network_received_bytes_per_second"
CONNECTIONS = "active_connections"
REQUESTS = "request_count"
ERRORS = "request_errors"
RESPONSE_TIME = "response_time_ms"

GAUGES = (CPU, MEMORY, DISK, SENT, RECEIVED, CONNECTIONS)
"""Samples of a moment: they average."""

COUNTERS = (REQUESTS, ERRORS)
"""Counts of a minute: they add up."""

UNITS = {
    CPU: "percent",
    MEMORY: "percent",
    DISK: "percent",
    SENT: "bytes/s",
    RECEIVED: "bytes/s",
    CONNECTIONS: "connections",
    REQUESTS: "requests",
    ERRORS: "requests",
    RESPONSE_TIME: "ms",
}


def overview(recorder: Points, functions: Iterable[Points] | None) -> Points:
    """One minute of the whole: the recorder's sample and what every function said.

    A gauge is the mean over all samples, and its distribution is that of the minutes' means. Requests are counted,
    zero included, only where `functions` could be read: no data must not look like no load.

    Args:
        recorder: its sample, empty where it failed or did not run in that minute.
        functions: each function's points, empty where none was called; None where they could not be read.
    """
    parts = [recorder, *(functions or ())]
    whole: Points = {}
    for name in GAUGES:
        if found := [part[name] for part in parts if name in part]:
            whole[name] = _of_the_minute(merged(found))
    if functions is not None:
        for name in COUNTERS:
            whole[name] = single(sum(part[name].total for part in parts if name in part))
        if found := [part[RESPONSE_TIME] for part in parts if RESPONSE_TIME in part]:
            whole[RESPONSE_TIME] = merged(found)
    return whole


def _of_the_minute(point: Point) -> Point:
    return Point(point.count, point.total, point.low, point.high, single(max(point.average, 0.0)).sketch)


def error_rate(points: Mapping[str, Point]) -> float | None:
    """Percent of the requests that failed; None where there was no request, or none was counted."""
    if REQUESTS not in points or ERRORS not in points:
        return None
    requests = points[REQUESTS].total
    return 100 * points[ERRORS].total / requests if requests else None
