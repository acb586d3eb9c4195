"""`GET /metrics/current`: the newest figures, with their age."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from besunny.performance import series
from besunny.performance.figures import ERROR_RATE, REQUEST_WINDOW, RESPONSE_TIME_P95, Figure
from besunny.performance.health import HealthStatus, overall
from besunny.performance.snapshot import read_snapshot


class NetworkIo(BaseModel):
    """Bytes since boot of the recorder's machine."""

    bytes_sent: int
    bytes_recv: int


class CurrentMetrics(BaseModel):
    """The newest figures; null where one is missing, never a zero in its place.

    Attributes:
        status: of the whole, as `/v1/performance/health` says it; `unknown` before the recorder's first run (then every
            figure is `missing`) and when it stopped.
        timestamp: when the recorder took them; null before its first run.
        age_seconds: how long ago that was.
        stale: whether that is too long to say something of now.
        cpu_percent, memory_percent, disk_usage_percent: mean over what was sampled in the newest minute.
        active_connections: established, on the recorder's machine.
        request_count: of the last `window_seconds`.
        average_response_time, p95_response_time: milliseconds, over the same window.
        error_rate: percent of the same requests that were answered 5xx. It and the times are null where there was no
            request (`request_count` 0), which is not `missing`.
        missing: the names of the figures that are null because they could not be measured.
    """

    status: HealthStatus
    timestamp: datetime | None
    age_seconds: float | None
    stale: bool
    cpu_percent: float | None
    memory_percent: float | None
    disk_usage_percent: float | None
    network_io: NetworkIo | None
    active_connections: int | None
    request_count: int | None
    average_response_time: float | None
    p95_response_time: float | None
    error_rate: float | None
    window_seconds: int
    missing: list[str]


_UNMEASURED = Figure(value=None, samples=0, measured_at=None)
_SHOWN = (*series.GAUGES, series.REQUESTS, series.RESPONSE_TIME, RESPONSE_TIME_P95, ERROR_RATE)


def current_metrics(table: str, now: datetime) -> CurrentMetrics:
    """The newest figures at `now`; one read."""
    snapshot = read_snapshot(table)
    figures = snapshot.figures if snapshot else dict.fromkeys(_SHOWN, _UNMEASURED)

    def value(name: str) -> float | None:
        found = figures[name].value
        return None if found is None else round(found, 3)

    connections, requests = value(series.CONNECTIONS), value(series.REQUESTS)
    network = snapshot.network if snapshot else None
    components = snapshot.components_at(now) if snapshot else {}
    return CurrentMetrics(
        status=overall(component.status for component in components.values()),
        timestamp=snapshot.recorded_at if snapshot else None,
        age_seconds=round((now - snapshot.recorded_at).total_seconds(), 3) if snapshot else None,
        stale=snapshot is None or snapshot.is_stale(now),
        cpu_percent=value(series.CPU),
        memory_percent=value(series.MEMORY),
        disk_usage_percent=value(series.DISK),
        network_io=NetworkIo(bytes_sent=network.bytes_sent, bytes_recv=network.bytes_recv) if network else None,
        active_connections=None if connections is None else int(connections),
        request_count=None if requests is None else int(requests),
        average_response_time=value(series.RESPONSE_TIME),
        p95_response_time=value(RESPONSE_TIME_P95),
        error_rate=value(ERROR_RATE),
        window_seconds=int(REQUEST_WINDOW.total_seconds()),
        missing=sorted(name for name, figure in figures.items() if figure.value is None and not figure.idle),
    )
