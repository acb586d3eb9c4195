"""`POST /optimize`: what to change, each with the figures that say so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pydantic import BaseModel, Field

from besunny.performance import series
from besunny.performance.alerts.listing import AlertView, list_active
from besunny.performance.alerts.rules import load_rules
from besunny.performance.figures import drawn_from
from besunny.performance.health import BANDS, HealthComponent, HealthStatus
from besunny.performance.history import window_start
from besunny.performance.metric_store import Resolution, read_periods
from besunny.performance.points import Point, Points, merged_series
from besunny.performance.settings import OptimizeSettings
from besunny.performance.snapshot import Snapshot, read_snapshot
from besunny.request_body import RequestBody

_MOST_FUNCTIONS = 50
_SLOW_MS = 2000.0
_IDLE_PERCENT = 10.0
_ENOUGH_MINUTES = 10
_ENOUGH_REQUESTS = 20

# What to do where a component's average over a whole window is at its warning level.
_LASTING = {
    "cpu": "give the busiest functions more memory (and so more CPU)",
    "memory": "raise MemorySize of the functions that use most of it",
    "disk": "clean /tmp after use, or raise EphemeralStorage",
}


class PerformanceOptimizeBody(RequestBody):
    """How long a window to look at; it ends now."""

    hours: int = Field(default=24, ge=1, le=8760)


class MetricEvidence(BaseModel):
    """A figure that a recommendation stands on.

    Attributes:
        series: its name in `metrics/history`, or of a rate that history shows beside them.
        source: whose series it is.
        statistic: such as `average`, `p95`, `now`.
        figure: its value, in `unit`.
        threshold: what it was held against.
        samples: what it stands on.
    """

    series: str
    source: str
    window_start: datetime
    window_end: datetime
    statistic: str
    figure: float
    unit: str
    threshold: float
    samples: int


class PerformanceRecommendation(BaseModel):
    """What to do, why, and what should then change."""

    action: str
    reason: str
    expected_effect: str
    evidence: MetricEvidence


class PerformanceOptimization(BaseModel):
    """Recommendations by when to act on them.

    Attributes:
        immediate_actions: for what is critical or firing now.
        recommendations: for what the window shows.
        long_term_actions: for what is not urgent, but costs or grows.
        insufficient_data: why some question could not be answered; empty where all could.
    """

    time_period_hours: int
    generated_at: datetime
    immediate_actions: list[PerformanceRecommendation]
    recommendations: list[PerformanceRecommendation]
    long_term_actions: list[PerformanceRecommendation]
    insufficient_data: list[str]


class _Window:
    """A window of stored points, and the evidence that it gives."""

    def __init__(self, table: str, hours: int, now: datetime) -> None:
        self.table, self.now = table, now
        self.resolution, self.start = window_start(hours, now)
        periods = read_periods(table, self.resolution, series.OVERVIEW, self.start, now)
        self.points: Points = merged_series(period.points for period in periods)

    def evidence(
        self, name: str, point: Point, statistic: str, figure: float, threshold: float, *, source: str = series.OVERVIEW
    ) -> MetricEvidence:
        return MetricEvidence(
            series=name,
            source=source,
            window_start=self.start,
            window_end=self.now,
            statistic=statistic,
            figure=round(figure, 3),
            unit=series.UNITS[name],
            threshold=round(threshold, 3),
            samples=point.count,
        )


def optimize(settings: OptimizeSettings, body: PerformanceOptimizeBody, now: datetime) -> PerformanceOptimization:
    """Recommendations from a window of stored points, the health of now, and the alerts that are active."""
    snapshot = read_snapshot(settings.metrics_table)
    window = _Window(settings.metrics_table, body.hours, now)
    cpu = window.points.get(series.CPU)
    missing = []
    if snapshot is None or snapshot.is_stale(now):
        missing.append("how things stand now: the recorder's figures are missing or older than 3 minutes")
    # Of a gauge of the overview, samples are those of every function, and the distribution is of the minutes.
    usual = cpu is not None and cpu.sketch is not None and cpu.sketch.count >= _ENOUGH_MINUTES
    if not usual:
        missing.append(f"what is usual: fewer than {_ENOUGH_MINUTES} minutes in the window were measured")
    immediate = [*_of_components(snapshot, now), *_of_alerts(list_active(settings.alerts_table), snapshot, now)]
    return PerformanceOptimization(
        time_period_hours=body.hours,
        generated_at=now,
        immediate_actions=immediate,
        recommendations=[*(_of_averages(window, settings) if usual else ()), *_of_functions(window, snapshot)],
        long_term_actions=list(_of_peaks(window, settings)) if usual else [],
        insufficient_data=missing,
    )


def _now(snapshot: Snapshot, name: str, component: HealthComponent) -> MetricEvidence:
    figure = snapshot.figures[BANDS[name].figure]
    return MetricEvidence(
        series=BANDS[name].figure,
        source=series.OVERVIEW,
        window_start=component.since,
        window_end=snapshot.recorded_at,
        statistic="now",
        figure=round(figure.value or 0.0, 3),
        unit=component.unit,
        threshold=component.threshold,
        samples=figure.samples,
    )


def _of_components(snapshot: Snapshot | None, now: datetime) -> Iterator[PerformanceRecommendation]:
    for name, component in (snapshot.components_at(now) if snapshot else {}).items():
        if snapshot is not None and component.status is HealthStatus.CRITICAL and component.action:
            yield PerformanceRecommendation(
                action=component.action,
                reason=f"{name} is at {component.figure} {component.unit}, critical from {component.threshold} on",
                expected_effect=f"{name} below {component.warning_threshold} {component.unit}",
                evidence=_now(snapshot, name, component),
            )


def _of_alerts(
    alerts: list[AlertView], snapshot: Snapshot | None, now: datetime
) -> Iterator[PerformanceRecommendation]:
    told = {
        n for n, c in (snapshot.components_at(now) if snapshot else {}).items() if c.status is HealthStatus.CRITICAL
    }
    rules = {rule.name: rule for rule in load_rules()}
    for alert in alerts:
        rule = rules.get(alert.rule)
        if rule and alert.state == "firing" and alert.component not in told and alert.value is not None:
            name, statistic = drawn_from(rule.figure)
            yield PerformanceRecommendation(
                action=f"follow {alert.guide}",
                reason=alert.message,
                expected_effect=f"the alert {alert.rule} resolves",
                evidence=MetricEvidence(
                    series=name,
                    source=series.OVERVIEW,
                    window_start=alert.since,
                    window_end=alert.timestamp,
                    statistic=statistic,
                    figure=alert.value,
                    unit=alert.unit,
                    threshold=alert.threshold,
                    samples=alert.samples,
                ),
            )


def _of_averages(window: _Window, settings: OptimizeSettings) -> Iterator[PerformanceRecommendation]:
    for component, action in _LASTING.items():
        name, (level, _) = BANDS[component].figure, BANDS[component].levels(settings)
        point = window.points.get(name)
        if point is not None and point.average >= level:
            yield PerformanceRecommendation(
                action=action,
                reason=f"{name} averaged {point.average:.1f} percent over the window; a warning begins at {level:g}",
                expected_effect=f"an average of {name} below {level:g} percent",
                evidence=window.evidence(name, point, "average", point.average, level),
            )


def _of_functions(window: _Window, snapshot: Snapshot | None) -> Iterator[PerformanceRecommendation]:
    """The functions that are slow or fail, worst first; at most 50 functions of 30 periods each are read."""
    coarse = Resolution.DAY if window.resolution is not Resolution.MINUTE else Resolution.HOUR
    found: list[tuple[float, PerformanceRecommendation]] = []
    sources = sorted(snapshot.sources if snapshot else ())
    for source in [name for name in sources if name.startswith(series.FUNCTION_PREFIX)][:_MOST_FUNCTIONS]:
        periods = read_periods(window.table, coarse, source, coarse.floor(window.start), window.now, limit=30)
        points = merged_series(period.points for period in periods)
        times = points.get(series.RESPONSE_TIME)
        if times is not None and times.count >= _ENOUGH_REQUESTS:
            p95 = times.quantile(0.95)
            if p95 is not None and p95 >= _SLOW_MS:
                found.append((p95, _slow(window, source, times, p95)))
    yield from (recommendation for _, recommendation in sorted(found, key=lambda pair: -pair[0])[:5])


def _slow(window: _Window, source: str, times: Point, p95: float) -> PerformanceRecommendation:
    name = source.removeprefix(series.FUNCTION_PREFIX)
    return PerformanceRecommendation(
        action=f"profile {name}, or give it more memory; long work belongs into POST /v1/ai-orchestration/workflows",
        reason=f"5 of 100 requests to {name} took {p95:.0f} ms or longer",
        expected_effect=f"p95 of {name} below {_SLOW_MS:.0f} ms",
        evidence=window.evidence(series.RESPONSE_TIME, times, "p95", p95, _SLOW_MS, source=source),
    )


def _of_peaks(window: _Window, settings: OptimizeSettings) -> Iterator[PerformanceRecommendation]:
    cpu, memory = window.points[series.CPU], window.points.get(series.MEMORY)
    p95 = cpu.quantile(0.95)
    if cpu.average < settings.cpu_threshold <= cpu.high:
        yield PerformanceRecommendation(
            action="spread the load of the peaks: send what can wait as priority `low`, or raise concurrency limits",
            reason=f"CPU peaks at {cpu.high:.1f} percent while its average is {cpu.average:.1f}",
            expected_effect=f"CPU peaks below {settings.cpu_threshold:g} percent",
            evidence=window.evidence(series.CPU, cpu, "maximum", cpu.high, settings.cpu_threshold),
        )
    roomy = memory is not None and memory.average < BANDS["memory"].levels(settings)[0]
    if p95 is not None and p95 < _IDLE_PERCENT and roomy:
        yield PerformanceRecommendation(
            action="lower MemorySize of functions whose p95 response time allows it",
            reason=f"in 95 of 100 minutes CPU was below {p95:.1f} percent",
            expected_effect="lower cost per invocation at the same response time",
            evidence=window.evidence(series.CPU, cpu, "p95", p95, _IDLE_PERCENT),
        )
