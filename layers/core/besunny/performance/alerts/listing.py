"""`GET /alerts`: alerts as operators see them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from besunny.performance.alerts.lifecycle import Alert, AlertState
from besunny.performance.alerts.rules import Severity
from besunny.performance.alerts.store import list_alerts

MOST = 100

ListedState = Literal["pending", "firing", "resolved"]
"""The states that are listed: a breach that was dropped is no alert."""


class AlertView(BaseModel):
    """An alert.

    Attributes:
        level: its severity.
        component: what is ill.
        message: a sentence with the figure.
        timestamp: when it was judged last.
        state: pending, firing or resolved.
        since: when it came into this state.
        value: the figure at `timestamp`, in `unit`.
        samples: what the figure stands on.
        threshold: from where on it is a breach.
        band_low, band_high: of a learned rule: what is expected at this time, in `unit`.
        reason: of a learned rule: what is unusual.
        learned_from: of a learned rule: the points that it learned from.
        data_missing: whether the figure was missing at `timestamp`.
        rule: what raised it.
        guide: the page that says what to do.
        fingerprint: its identity.
    """

    level: Severity
    component: str
    message: str
    timestamp: datetime
    state: ListedState
    since: datetime
    value: float | None
    unit: str
    samples: int
    threshold: float
    band_low: float | None
    band_high: float | None
    reason: str | None
    learned_from: int | None
    data_missing: bool
    rule: str
    guide: str
    fingerprint: str


class AlertList(BaseModel):
    """Alerts, newest first; `total` is how many are listed."""

    alerts: list[AlertView]
    total: int


def view(alert: Alert) -> AlertView:
    """An alert as operators see it."""
    return AlertView(
        level=alert.severity,
        timestamp=alert.seen_at,
        **alert.model_dump(
            exclude={"severity", "seen_at", "version", "notice_due"},
        ),
    )


def list_active(table: str) -> list[AlertView]:
    """Firing alerts, then pending ones, each newest first."""
    return [view(a) for state in (AlertState.FIRING, AlertState.PENDING) for a in list_alerts(table, state, MOST)]


def alert_list(table: str, *, state: ListedState | None, level: Severity | None) -> AlertList:
    """Alerts in a state (None: active ones), of a level (None: of all)."""
    found = list_active(table) if state is None else [view(a) for a in list_alerts(table, AlertState(state), MOST)]
    shown = [alert for alert in found if level is None or alert.level == level]
    return AlertList(alerts=shown, total=len(shown))
