"""`GET /metrics/history`: stored points of one source over a window, in the resolution that keeps it bounded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from difflib import get_close_matches

from pydantic import BaseModel

from besunny.clock import from_iso, to_iso
from besunny.errors import FieldError, InvalidInputError
from besunny.performance import series
from besunny.performance.metric_store import Period, Resolution, read_periods
from besunny.performance.points import Point, Points
from besunny.performance.snapshot import read_snapshot

_NAMED = 10


class SeriesStatistics(BaseModel):
    """One series in one period; percentiles are null where its distribution is not known."""

    count: int
    sum: float
    average: float
    minimum: float
    maximum: float
    p50: float | None
    p95: float | None
    p99: float | None


class HistoryPoint(BaseModel):
    """One period. The original's fields are means over it (counts: sums), null where nothing was measured.

    Attributes:
        timestamp: the period's start.
        request_count: 0 where requests were counted and there was none.
        average_response_time, error_rate: null where there was no request.
        statistics: the series that were asked for, by name.
    """

    timestamp: datetime
    cpu_percent: float | None
    memory_percent: float | None
    disk_usage_percent: float | None
    active_connections: float | None
    request_count: int | None
    average_response_time: float | None
    error_rate: float | None
    statistics: dict[str, SeriesStatistics] | None = None


class MetricsHistory(BaseModel):
    """A page of history, oldest first; a period of which there is no sample at all has no row.

    So there is none from before the stack's first sample, nor from a time in which nothing ran.

    Attributes:
        next_cursor: send it as `cursor` for the next page; null on the last.
    """

    time_period_hours: int
    source: str
    resolution_seconds: int
    metrics: list[HistoryPoint]
    next_cursor: str | None = None


def statistics_of(point: Point) -> SeriesStatistics:
    """A point as the API shows it."""
    p50, p95, p99 = (_rounded(point.quantile(q)) for q in (0.5, 0.95, 0.99))
    return SeriesStatistics(
        count=point.count,
        sum=round(point.total, 3),
        average=round(point.average, 3),
        minimum=round(point.low, 3),
        maximum=round(point.high, 3),
        p50=p50,
        p95=p95,
        p99=p99,
    )


def window_start(hours: int, now: datetime) -> tuple[Resolution, datetime]:
    """The resolution of a window that ends now, and the start of its first period."""
    resolution = Resolution.for_window(hours)
    return resolution, resolution.floor(now - timedelta(hours=hours))


def metrics_history(
    table: str,
    *,
    hours: int,
    source: str,
    wanted: Sequence[str],
    limit: int,
    position: dict[str, str] | None,
    now: datetime,
) -> tuple[MetricsHistory, dict[str, str] | None]:
    """One page of a source's history, and the position where the next begins (None: there is none).

    Args:
        table: the metrics table.
        hours: length of the window that ends now, 1 to 8760.
        source: `overview`, or one that `/v1/performance/status` lists.
        wanted: series whose statistics are asked for; all of them where the source has none of the original's.
        limit: most periods a page, at most 1,500.
        position: that the page before gave.
        now: when.

    Raises:
        InvalidInputError: the position is not one of this window; or there is no such source, and nothing of it.
    """
    resolution, start = window_start(hours, now)
    if position is not None:
        start = max(start, _start_of(position))
    # One more than the page, to know whether there is another.
    periods = read_periods(table, resolution, source, start, now, limit=limit + 1)
    if not periods and position is None:
        _check_source(table, source)
    page = periods[:limit]
    everything = not wanted and source != series.OVERVIEW and not source.startswith(series.FUNCTION_PREFIX)
    shown = MetricsHistory(
        time_period_hours=hours,
        source=source,
        resolution_seconds=resolution.seconds,
        metrics=[_shown(period, None if everything else wanted) for period in page],
    )
    return shown, {"start": to_iso(periods[limit].start)} if len(periods) > limit else None


def _check_source(table: str, source: str) -> None:
    """A source without points may be a quiet one, or a wrong name."""
    snapshot = read_snapshot(table)
    known = sorted({series.OVERVIEW, *(snapshot.sources if snapshot else ())})
    if source in known:
        return
    named = [*get_close_matches(source, known, n=3), *known]
    some = ", ".join(dict.fromkeys(named[:_NAMED]))
    raise InvalidInputError(
        FieldError(
            "source",
            "there is no such source, and no history of it in this window",
            f"send one of {some}{', ...' if len(known) > _NAMED else ''}; /v1/performance/status lists all",
        )
    )


def _start_of(position: dict[str, str]) -> datetime:
    try:
        return from_iso(position["start"])
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInputError(
            FieldError("cursor", "not a cursor of this API", "send `next_cursor` of the page before")
        ) from error


def _shown(period: Period, wanted: Sequence[str] | None) -> HistoryPoint:
    points = period.points
    names = sorted(points) if wanted is None else [name for name in wanted if name in points]
    return HistoryPoint(
        timestamp=period.start,
        cpu_percent=_average(points, series.CPU),
        memory_percent=_average(points, series.MEMORY),
        disk_usage_percent=_average(points, series.DISK),
        active_connections=_average(points, series.CONNECTIONS),
        request_count=int(points[series.REQUESTS].total) if series.REQUESTS in points else None,
        average_response_time=_average(points, series.RESPONSE_TIME),
        error_rate=_rounded(series.error_rate(points)),
        statistics={name: statistics_of(points[name]) for name in names} or None,
    )


def _average(points: Points, name: str) -> float | None:
    return round(points[name].average, 3) if name in points else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
