"""Second stage: an alert's life, as a function of what it was, what a rule says now, and the time."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from besunny.performance.alerts.evaluate import Evaluation, Verdict
from besunny.performance.alerts.rules import Severity


class AlertState(StrEnum):
    """`pending`: a breach that has not lasted; `firing`: it has; `resolved`: it is over; `dropped`: it did not last."""

    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"
    DROPPED = "dropped"


NOTICED = (AlertState.FIRING, AlertState.RESOLVED)
"""The states that operators are told of."""


class Alert(BaseModel):
    """An alert as it stands.

    Attributes:
        fingerprint: its identity.
        state: see AlertState.
        since: when it came into this state.
        seen_at: when it was judged last.
        value: the figure then; None where it was missing.
        samples: what the figure stood on.
        threshold: from where on it is a breach.
        band_low, band_high, reason, learned_from: of a learned rule: what was expected, what is unusual, and the points
            that it learned from; None of others.
        data_missing: whether the figure was missing at `seen_at`: a firing alert without data goes on firing.
        version: counts its changes, so that of two evaluators one wins.
        notice_due: whether operators are still to be told of this state.
    """

    model_config = ConfigDict(frozen=True)

    fingerprint: str
    rule: str
    component: str
    severity: Severity
    state: AlertState
    since: datetime
    seen_at: datetime
    value: float | None
    samples: int
    threshold: float
    unit: str
    message: str
    guide: str
    band_low: float | None = None
    band_high: float | None = None
    reason: str | None = None
    learned_from: int | None = None
    data_missing: bool = False
    version: int = 1
    notice_due: bool = False


def step(before: Alert | None, evaluation: Evaluation, now: datetime) -> Alert | None:
    """The alert after this evaluation; None where there was none and there is none."""
    active = before if before is not None and before.state in (AlertState.PENDING, AlertState.FIRING) else None
    if active is None and evaluation.verdict is not Verdict.BREACH:
        return before
    state = _next(active, evaluation, now)
    moved = active is None or state is not active.state
    since = now if active is None or moved else active.since
    value = evaluation.value
    if value is None and active is not None:
        value = active.value
    due = (moved and state in NOTICED) or (not moved and active is not None and active.notice_due)
    rule, expected = evaluation.rule, evaluation.expected
    return Alert(
        fingerprint=rule.fingerprint,
        rule=rule.name,
        component=rule.component,
        severity=rule.severity,
        state=state,
        since=since,
        seen_at=now,
        value=value,
        samples=evaluation.samples,
        threshold=evaluation.threshold,
        unit=rule.unit,
        message=rule.message.format(
            value=_short(value),
            threshold=_short(evaluation.threshold),
            unit=rule.unit,
            band_low=_short(expected.band_low if expected else None),
            band_high=_short(expected.band_high if expected else None),
            reason=expected.reason if expected else "nothing is known now",
            learned_from=expected.learned_from if expected else 0,
        ),
        guide=rule.guide,
        band_low=expected.band_low if expected else None,
        band_high=expected.band_high if expected else None,
        reason=expected.reason if expected else None,
        learned_from=expected.learned_from if expected else None,
        data_missing=evaluation.verdict is Verdict.MISSING,
        version=before.version + 1 if before is not None else 1,
        notice_due=due,
    )


def end_of_removed(before: Alert, now: datetime) -> Alert:
    """The end of an active alert whose rule is no more: what never fired is dropped, what did is resolved and told."""
    fired = before.state is AlertState.FIRING
    return before.model_copy(
        update={
            "state": AlertState.RESOLVED if fired else AlertState.DROPPED,
            "since": now,
            "seen_at": now,
            "message": f"{before.message} (ended: the rule was removed; nothing judges this any more)",
            "version": before.version + 1,
            "notice_due": fired,
        }
    )


def _next(active: Alert | None, evaluation: Evaluation, now: datetime) -> AlertState:
    verdict = evaluation.verdict
    began = active.since if active is not None else now
    if active is not None and active.state is AlertState.FIRING:
        return AlertState.RESOLVED if verdict is Verdict.CLEAR else AlertState.FIRING
    if verdict is Verdict.BREACH:
        return AlertState.FIRING if now - began >= evaluation.rule.patience else AlertState.PENDING
    # Without data nobody knows whether the breach lasts: it waits, and neither fires nor goes.
    return AlertState.PENDING if verdict is Verdict.MISSING else AlertState.DROPPED


def _short(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.1f}".removesuffix(".0")
