"""Health: each component judged against its bands, with the figure, since when, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel

from besunny.performance import series
from besunny.performance.figures import ERROR_RATE, Figure, Figures
from besunny.performance.settings import Thresholds


class HealthStatus(StrEnum):
    """Statuses, best first. Unknown stands above warning: nobody can say that it is not critical."""

    HEALTHY = "healthy"
    WARNING = "warning"
    UNKNOWN = "unknown"
    CRITICAL = "critical"


class HealthComponent(BaseModel):
    """One component's health.

    Attributes:
        status: by the bands; `unknown` where the figure is missing or stale, and where it is no breach and functions
            were invoked that told nothing.
        figure: what was measured, percent; null where `unknown`, and for the error rate where there were no requests:
            then nothing failed, which is `healthy`, and no rate of 0 is made up.
        warning_threshold: from here on `warning`.
        threshold: from here on `critical`.
        since: when it came into this status.
        action: what to do; None where nothing needs doing.
    """

    status: HealthStatus
    figure: float | None
    unit: str = "percent"
    warning_threshold: float
    threshold: float
    since: datetime
    action: str | None


@dataclass(frozen=True)
class Band:
    """How one component is judged.

    Attributes:
        figure: the name of the figure that it is judged by, percent.
        warning_from: where a warning begins.
        critical_from: the name of the setting where critical begins.
        action: what to do when it is not healthy.
    """

    figure: str
    warning_from: float
    critical_from: str
    action: str

    def levels(self, thresholds: Thresholds) -> tuple[float, float]:
        """Where warning and critical begin; a warning never above the settable threshold."""
        critical = float(getattr(thresholds, self.critical_from))
        return min(self.warning_from, critical), critical


BANDS = {
    "cpu": Band(
        series.CPU,
        50,
        "cpu_threshold",
        "see which function's cpu_percent is high (metrics/history?source=function/NAME); give it more memory, "
        "which brings CPU, or lower the limit of workflows that run at once",
    ),
    "memory": Band(
        series.MEMORY,
        70,
        "memory_threshold",
        "see which function's memory_percent is high (metrics/history?source=function/NAME) and raise its MemorySize",
    ),
    "disk": Band(
        series.DISK,
        80,
        "disk_threshold",
        "see what fills /tmp: clean it after each invocation, or raise EphemeralStorage",
    ),
    "error_rate": Band(
        ERROR_RATE,
        1,
        "error_rate_threshold",
        "see which function's request_errors rise (metrics/history?source=function/NAME) and read its log for the "
        "instance that a failed answer names",
    ),
}
"""Component -> how it is judged."""

_NO_DATA = "the figure is missing: see whether the recorder runs and what `collectors` in /v1/performance/status says"


def components_of(
    figures: Figures, thresholds: Thresholds, *, before: Mapping[str, HealthComponent], now: datetime
) -> dict[str, HealthComponent]:
    """Judge every component.

    Args:
        figures: of now.
        thresholds: where critical begins.
        before: the judgement before; a status that did not change keeps its `since`.
        now: when.
    """
    found = {}
    for name, band in BANDS.items():
        warning, critical = band.levels(thresholds)
        figure = figures[band.figure]
        status = _status(figure, warning, critical)
        known = before.get(name)
        found[name] = HealthComponent(
            status=status,
            figure=None if figure.value is None else round(figure.value, 2),
            warning_threshold=warning,
            threshold=critical,
            since=known.since if known is not None and known.status is status else now,
            action=_action(name, status),
        )
    return found


def _status(figure: Figure, warning: float, critical: float) -> HealthStatus:
    if figure.value is not None and figure.value >= critical:
        return HealthStatus.CRITICAL
    if figure.partial or (figure.value is None and not figure.idle):
        return HealthStatus.UNKNOWN
    if figure.value is None:
        return HealthStatus.HEALTHY
    return HealthStatus.WARNING if figure.value >= warning else HealthStatus.HEALTHY


def _action(name: str, status: HealthStatus) -> str | None:
    if status is HealthStatus.HEALTHY:
        return None
    return _NO_DATA if status is HealthStatus.UNKNOWN else BANDS[name].action


def unknown_since(components: Mapping[str, HealthComponent], moment: datetime) -> dict[str, HealthComponent]:
    """The components as they are once their data are stale: unknown, with the figure withheld."""
    changed = {"status": HealthStatus.UNKNOWN, "figure": None, "since": moment, "action": _NO_DATA}
    return {name: component.model_copy(update=changed) for name, component in components.items()}


def overall(statuses: Iterable[HealthStatus]) -> HealthStatus:
    """The worst of them; unknown where there is none."""
    order = list(HealthStatus)
    return max(statuses, key=order.index, default=HealthStatus.UNKNOWN)
