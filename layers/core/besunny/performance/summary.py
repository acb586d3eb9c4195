"""`GET /metrics/summary`: averages, peaks and percentiles of a window, and how things stand now."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from besunny.performance import series
from besunny.performance.health import HealthStatus, overall
from besunny.performance.history import window_start
from besunny.performance.metric_store import Period, read_periods
from besunny.performance.points import Point, merged_series
from besunny.performance.snapshot import read_snapshot


class SeriesPercentiles(BaseModel):
    """Within 1%. Of gauges: of the minutes' means; of `response_time_ms`: of the requests."""

    p50: float
    p95: float
    p99: float


class MetricsSummary(BaseModel):
    """A window in few figures; a series that was not measured in it is absent, never 0.

    Only what was measured counts: a minute without a sample is in no average, and one without requests is in that of
    `request_count`, not in those of times and rates.

    Attributes:
        time_period_hours: length of the window, which ends now.
        metrics_count: periods with data in it, of `resolution_seconds` each.
        averages: over the window, by series; `error_rate` is failed over all requests, absent where there was none.
        peaks: the greatest sample; of `request_count` the busiest minute, of `error_rate` the worst period.
        percentiles: by series.
        totals: requests, and those that failed.
        current_status: healthy, warning, critical or unknown, now.
    """

    time_period_hours: int
    metrics_count: int
    resolution_seconds: int
    averages: dict[str, float]
    peaks: dict[str, float]
    percentiles: dict[str, SeriesPercentiles]
    totals: dict[str, int]
    current_status: HealthStatus


def metrics_summary(table: str, *, hours: int, now: datetime) -> MetricsSummary:
    """The overview's window of so many hours that ends now; at most 1,501 reads."""
    resolution, start = window_start(hours, now)
    periods = read_periods(table, resolution, series.OVERVIEW, start, now)
    whole = merged_series(period.points for period in periods)
    snapshot = read_snapshot(table)
    components = snapshot.components_at(now) if snapshot else {}
    return MetricsSummary(
        time_period_hours=hours,
        metrics_count=len(periods),
        resolution_seconds=resolution.seconds,
        averages=_with_rate({name: p.average for name, p in whole.items()}, series.error_rate(whole)),
        peaks=_with_rate({name: p.high for name, p in whole.items()}, _worst_rate(periods)),
        percentiles={name: found for name, p in whole.items() if (found := _percentiles(p)) is not None},
        totals={name: int(whole[name].total) for name in series.COUNTERS if name in whole},
        current_status=overall(component.status for component in components.values()),
    )


def _with_rate(values: dict[str, float], rate: float | None) -> dict[str, float]:
    found = {name: value for name, value in values.items() if name != series.ERRORS}
    if rate is not None:
        found["error_rate"] = rate
    return {name: round(value, 3) for name, value in sorted(found.items())}


def _worst_rate(periods: list[Period]) -> float | None:
    rates = (series.error_rate(period.points) for period in periods)
    return max((rate for rate in rates if rate is not None), default=None)


def _percentiles(point: Point) -> SeriesPercentiles | None:
    p50, p95, p99 = (point.quantile(q) for q in (0.5, 0.95, 0.99))
    if p50 is None or p95 is None or p99 is None:
        return None
    return SeriesPercentiles(p50=round(p50, 3), p95=round(p95, 3), p99=round(p99, 3))
