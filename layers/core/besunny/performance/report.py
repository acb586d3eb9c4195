"""`GET /v1/performance/health` and `GET /v1/performance/status`: how things stand, from the recorder's snapshot."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from besunny.performance.alerts.listing import AlertView, list_active
from besunny.performance.health import HealthComponent, HealthStatus, overall
from besunny.performance.settings import StatusSettings
from besunny.performance.snapshot import CollectorReport, Snapshot, read_snapshot


class PerformanceHealth(BaseModel):
    """The whole and its components.

    Attributes:
        status: the worst of the components; `unknown` before the recorder's first run and when it stopped.
        timestamp: when the figures were recorded; null before the first run.
        age_seconds: how long ago.
    """

    status: HealthStatus
    timestamp: datetime | None
    age_seconds: float | None
    components: dict[str, HealthComponent]


class StatusPage(BaseModel):
    """What a status page says.

    Attributes:
        status: of the whole.
        summary: one sentence for a person.
        components: by name, with figure, threshold and action.
        active_alerts: firing and pending ones, newest first.
        collectors: how the recorder's last run went; for analysts and above.
        sources: what has history -> when it last had data; for analysts and above, since it names functions and tables.
    """

    status: HealthStatus
    summary: str
    timestamp: datetime | None
    age_seconds: float | None
    components: dict[str, HealthComponent]
    active_alerts: list[AlertView]
    collectors: list[CollectorReport]
    sources: dict[str, datetime]


def performance_health(table: str, now: datetime) -> PerformanceHealth:
    """Health at `now`; one read."""
    return _health(read_snapshot(table), now)


def _health(snapshot: Snapshot | None, now: datetime) -> PerformanceHealth:
    if snapshot is None:
        return PerformanceHealth(status=HealthStatus.UNKNOWN, timestamp=None, age_seconds=None, components={})
    components = snapshot.components_at(now)
    return PerformanceHealth(
        status=overall(component.status for component in components.values()),
        timestamp=snapshot.recorded_at,
        age_seconds=_age(snapshot.recorded_at, now),
        components=components,
    )


def status_page(settings: StatusSettings, now: datetime, *, detailed: bool) -> StatusPage:
    """All that a status page shows; three reads.

    Args:
        settings: where the newest figures and the active alerts stand.
        now: the present.
        detailed: whether the caller may see what the stack consists of.
    """
    snapshot = read_snapshot(settings.metrics_table)
    health = _health(snapshot, now)
    alerts = list_active(settings.alerts_table)
    return StatusPage(
        status=health.status,
        summary=_sentence(health, alerts),
        timestamp=health.timestamp,
        age_seconds=health.age_seconds,
        components=health.components,
        active_alerts=alerts,
        collectors=snapshot.collectors if snapshot and detailed else [],
        sources=snapshot.sources if snapshot and detailed else {},
    )


def _sentence(health: PerformanceHealth, alerts: list[AlertView]) -> str:
    if health.timestamp is None:
        return "nothing is recorded yet; the recorder runs every minute"
    ill = [
        f"{name} is {c.status}" for name, c in sorted(health.components.items()) if c.status is not HealthStatus.HEALTHY
    ]
    firing = sum(alert.state == "firing" for alert in alerts)
    said = ", ".join(ill) if ill else "all components are healthy"
    return f"{said}; {firing} alert{'' if firing == 1 else 's'} firing"


def _age(moment: datetime, now: datetime) -> float:
    return round((now - moment).total_seconds(), 3)
