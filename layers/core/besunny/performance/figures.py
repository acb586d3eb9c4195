"""The few figures that health, alerts and `metrics/current` judge, of the last minutes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from pydantic import BaseModel

from besunny.performance import series
from besunny.performance.metric_store import STALE_AFTER
from besunny.performance.points import Point, Points, merged_series

REQUEST_WINDOW = timedelta(minutes=5)
"""Requests are judged over this long: CloudWatch may bring a minute's EMF a minute or two late."""

ERROR_RATE = "error_rate"
RESPONSE_TIME_P95 = "response_time_p95_ms"
COLLECTORS_FAILED = "collectors_failed"

NAMES = (*series.GAUGES, series.REQUESTS, ERROR_RATE, series.RESPONSE_TIME, RESPONSE_TIME_P95, COLLECTORS_FAILED)
"""Every figure there is."""


def drawn_from(name: str) -> tuple[str, str]:
    """The series that a figure is drawn from, and which statistic of it the figure is."""
    return (series.RESPONSE_TIME, "p95") if name == RESPONSE_TIME_P95 else (name, "now")


class Figure(BaseModel):
    """A figure and what it stands on.

    Attributes:
        value: None where it is missing, and of a rate or a time where `idle`.
        samples: from how many; for rates, the requests.
        measured_at: start of the newest minute in it.
        idle: nothing happened that could be measured, which is known, and not the same as missing.
        partial: not all told who should have: a breach stands, all clear does not.
    """

    value: float | None
    samples: int
    measured_at: datetime | None
    idle: bool = False
    partial: bool = False


Figures = dict[str, Figure]


OF_REQUESTS = (series.REQUESTS, ERROR_RATE, series.RESPONSE_TIME, RESPONSE_TIME_P95)
"""Figures that every function adds to."""


def figures_of(minutes: Mapping[datetime, Points], now: datetime) -> Figures:
    """The figures at `now` from the overview's minutes.

    Host gauges are of the newest minute that has them, unless it is stale; what is about requests is over the last five
    minutes.
    """
    recent = {m: points for m, points in sorted(minutes.items()) if m > now - REQUEST_WINDOW - timedelta(minutes=1)}
    fresh = {m: points for m, points in recent.items() if m >= now - STALE_AFTER}
    found = {name: _newest(fresh, name) for name in series.GAUGES}
    whole = merged_series(recent.values())
    newest = max((m for m, points in recent.items() if series.REQUESTS in points), default=None)
    requests = whole.get(series.REQUESTS)
    counted = int(requests.total) if requests else 0
    times = whole.get(series.RESPONSE_TIME)

    def of_requests(value: float | None) -> Figure:
        idle = requests is not None and counted == 0
        return Figure(value=value, samples=counted, measured_at=newest if value is not None else None, idle=idle)

    return {
        **found,
        series.REQUESTS: of_requests(requests.total if requests else None),
        ERROR_RATE: of_requests(series.error_rate(whole)),
        series.RESPONSE_TIME: of_requests(times.average if times else None),
        RESPONSE_TIME_P95: of_requests(times.quantile(0.95) if times else None),
    }


def _newest(minutes: Mapping[datetime, Points], name: str) -> Figure:
    having: list[tuple[datetime, Point]] = [(m, points[name]) for m, points in minutes.items() if name in points]
    if not having:
        return Figure(value=None, samples=0, measured_at=None)
    moment, point = max(having, key=lambda pair: pair[0])
    return Figure(value=point.average, samples=point.count, measured_at=moment)
