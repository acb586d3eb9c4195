"""The recorder: once a minute it collects, stores points and judges health; alerts stand on its figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import psutil
from botocore.exceptions import BotoCoreError, ClientError

from besunny.observability.logs import logger
from besunny.performance import series
from besunny.performance.collectors.catalogue import FAMILIES, LAMBDA_PREFIX, OWN, Family
from besunny.performance.collectors.cloudwatch import IncompleteDataError, read_family
from besunny.performance.collectors.host import HostMeter, Measured
from besunny.performance.figures import COLLECTORS_FAILED, OF_REQUESTS, Figure, figures_of
from besunny.performance.health import components_of
from besunny.performance.metric_store import Period, Resolution, read_periods, write_periods
from besunny.performance.points import Points
from besunny.performance.settings import RecorderSettings
from besunny.performance.snapshot import CollectorReport, Snapshot, read_snapshot, write_snapshot

READ_AGAIN = timedelta(minutes=5)
"""Minutes that each run reads once more, for what CloudWatch got late."""

_LATE = timedelta(minutes=2)
_LONGEST_GAP = timedelta(hours=3)  # CloudWatch's ListMetrics knows what was active in the last three hours
_FORGOTTEN_AFTER = timedelta(days=15)

ReadFamily = Callable[[Family, datetime, datetime, RecorderSettings], list[Period]]


@dataclass
class Collected:
    """What the collectors brought: reports, and the periods of those that did not fail."""

    reports: list[CollectorReport] = field(default_factory=list)
    host: Measured | None = None
    periods: list[Period] = field(default_factory=list)
    functions: list[Period] | None = None


def collect(
    meter: HostMeter, read: ReadFamily, start: datetime, end: datetime, settings: RecorderSettings
) -> Collected:
    """Run every collector; one that fails is reported and logged, and does not stop the others."""
    found = Collected()
    try:
        found.host = meter.sample()
    except (psutil.Error, OSError) as error:
        found.reports.append(_failed("host", error))
    else:
        found.reports.append(CollectorReport(name="host", ok=True))
    for family in FAMILIES:
        name = f"cloudwatch:{family.namespace}"
        try:
            periods = read(family, start, end, settings)
        except (ClientError, BotoCoreError, IncompleteDataError) as error:
            found.reports.append(_failed(name, error))
            continue
        found.reports.append(CollectorReport(name=name, ok=True))
        found.periods += periods
        if family.namespace == OWN:
            found.functions = periods
    return found


def _failed(name: str, error: Exception) -> CollectorReport:
    logger().warning("a collector failed", extra={"collector": name, "error": f"{type(error).__name__}: {error}"})
    return CollectorReport(name=name, ok=False, detail=type(error).__name__)


def record(settings: RecorderSettings, meter: HostMeter, now: datetime, *, read: ReadFamily = read_family) -> Snapshot:
    """One run: everything up to `now` into the metrics table.

    After a pause it also fills the minutes in between from CloudWatch, up to three hours.

    Returns:
        What is known now; a collector that failed is named in it, and its figures are missing.
    """
    before = read_snapshot(settings.metrics_table)
    minute = Resolution.MINUTE.floor(now)
    start, end = minute - READ_AGAIN, minute + timedelta(minutes=1)
    if before is not None:
        start = max(min(start, Resolution.MINUTE.floor(before.recorded_at)), minute - _LONGEST_GAP)
    found = collect(meter, read, start, end, settings)
    if found.host is not None:
        found.periods.append(Period(series.RECORDER, minute, found.host.points))
    write_periods(settings.metrics_table, Resolution.MINUTE, found.periods)
    stored, judged = _overview(settings.metrics_table, found, start, minute)
    write_periods(
        settings.metrics_table, Resolution.MINUTE, [Period(series.OVERVIEW, m, points) for m, points in stored.items()]
    )
    figures = figures_of(judged, now)
    if found.functions is not None and (silent := _silent(found.periods, minute)):
        found.reports.append(CollectorReport(name="functions", ok=False, detail=f"told nothing: {', '.join(silent)}"))
        figures |= {name: figures[name].model_copy(update={"partial": True}) for name in OF_REQUESTS}
    failed = sum(not report.ok for report in found.reports)
    figures[COLLECTORS_FAILED] = Figure(value=failed, samples=len(found.reports), measured_at=minute)
    snapshot = Snapshot(
        recorded_at=now,
        figures=figures,
        network=found.host.network if found.host else None,
        components=components_of(figures, settings, before=before.components if before else {}, now=now),
        collectors=found.reports,
        sources=_sources(before, found.periods, stored, now),
    )
    write_snapshot(settings.metrics_table, snapshot)
    return snapshot


def _silent(periods: list[Period], minute: datetime) -> list[str]:
    """Functions that AWS counts invocations of, and that tell nothing themselves: killed each time, or badly deployed.

    The newest minutes do not count: their figures may still be on the way.
    """
    told = {
        p.source.removeprefix(series.FUNCTION_PREFIX) for p in periods if p.source.startswith(series.FUNCTION_PREFIX)
    }
    invoked = {
        p.source.removeprefix(LAMBDA_PREFIX)
        for p in periods
        if p.source.startswith(LAMBDA_PREFIX)
        and minute - READ_AGAIN <= p.start <= minute - _LATE
        and "invocations" in p.points
        and p.points["invocations"].total > 0
    }
    return sorted(invoked - told)


def _overview(
    table: str, found: Collected, start: datetime, minute: datetime
) -> tuple[dict[datetime, Points], dict[datetime, Points]]:
    """The overview's minutes from `start` to `minute`, of which there is a sample: as stored, and as judged.

    Stored is all that is known, also of runs before. Judged is what this run's collectors vouch for: nothing of one
    that failed, so that what it told minutes ago does not read as healthy now.
    """
    end = minute + timedelta(minutes=1)
    own = {p.start: p.points for p in read_periods(table, Resolution.MINUTE, series.RECORDER, start, end)}
    vouched = own if found.host is not None else {}
    if found.functions is None:
        stored = {p.start: p.points for p in read_periods(table, Resolution.MINUTE, series.OVERVIEW, start, end)}
        rebuilt = {m: series.overview(points, None) for m, points in own.items() if m not in stored}
        return {**stored, **rebuilt}, {m: series.overview(points, None) for m, points in vouched.items()}
    called: dict[datetime, list[Points]] = {}
    for period in found.functions:
        called.setdefault(period.start, []).append(period.points)
    # Of this minute it is known that nobody called, also where the machine told nothing.
    minutes = sorted({*own, *called, minute})
    stored = {m: series.overview(own.get(m, {}), called.get(m, [])) for m in minutes}
    return stored, {m: series.overview(vouched.get(m, {}), called.get(m, [])) for m in minutes}


def _sources(
    before: Snapshot | None, periods: list[Period], minutes: dict[datetime, Points], now: datetime
) -> dict[str, datetime]:
    known = {name: at for name, at in (before.sources if before else {}).items() if at > now - _FORGOTTEN_AFTER}
    for period in periods:
        known[period.source] = max(period.start, known.get(period.source, period.start))
    if minutes:
        known[series.OVERVIEW] = max(minutes)
    return known
