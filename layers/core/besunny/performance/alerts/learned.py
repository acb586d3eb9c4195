"""First stage, of learned rules: what the detector of each says of the figures, a point every five minutes.

The figures of requests are over five minutes: nearer points would count the same requests again. Of each rule one item
in the metrics table holds the detector's state and the last evaluation, which stands until the next point.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from besunny.clock import to_iso
from besunny.performance.alerts.evaluate import Evaluation, Expected, Verdict
from besunny.performance.alerts.lifecycle import Alert
from besunny.performance.alerts.rules import LearnedRule
from besunny.performance.figures import REQUEST_WINDOW, Figure, Figures
from besunny.performance.learned.detector import ALARM, Judgement, SeriesState, update
from besunny.performance.metric_store import read_document, write_document

NEW_NORMAL_AFTER = timedelta(hours=24)
"""What has been an incident for so long is learned as usual: else its alert would never end."""


_STEP = REQUEST_WINDOW.total_seconds()


def incidents(active: Iterable[Alert]) -> dict[str, datetime]:
    """Components with alerts that are pending or fire, and since when the newest one is."""
    since: dict[str, datetime] = {}
    for alert in active:
        since[alert.component] = max(alert.since, since.get(alert.component, alert.since))
    return since


def evaluate_learned(
    table: str, rules: Iterable[LearnedRule], figures: Figures, troubled: Mapping[str, datetime], now: datetime
) -> list[Evaluation]:
    """Judge the figures by every learned rule, and learn them.

    Args:
        table: of the metrics, where the states are.
        rules: to judge by.
        figures: of now.
        troubled: components in an incident, and since when: they are not learned from, unless it has become normal.
        now: when; runs within the same five minutes take one point.
    """
    moment = datetime.fromtimestamp(now.timestamp() // _STEP * _STEP, UTC)
    return [_evaluate(table, rule, figures.get(rule.figure), troubled.get(rule.component), moment) for rule in rules]


def _evaluate(
    table: str, rule: LearnedRule, figure: Figure | None, since: datetime | None, moment: datetime
) -> Evaluation:
    kept = read_document(table, _name(rule))
    last = _from_kept(rule, json.loads(kept["evaluation"])) if kept is not None else None
    if figure is None or figure.value is None or figure.partial:
        idle = figure is not None and figure.idle and not figure.partial
        return _without_point(rule, Verdict.CLEAR if idle else Verdict.MISSING, last, None, 0)
    if kept is not None and last is not None and kept["at"] >= to_iso(moment):
        return last
    if figure.samples < rule.min_samples and not figure.idle:
        return _without_point(rule, Verdict.BETWEEN, last, figure.value, figure.samples)
    text = kept["state"] if kept is not None else SeriesState().to_text()
    state = SeriesState.from_text(text)
    judged = update(state, moment.timestamp(), figure.value, learn=False)
    evaluation = _verdict(rule, figure.value, figure.samples, judged)
    usual = evaluation.verdict is not Verdict.BREACH if since is None else moment - since >= NEW_NORMAL_AFTER
    if usual:
        state = SeriesState.from_text(text)
        update(state, moment.timestamp(), figure.value)
    write_document(
        table, _name(rule), moment, {"state": state.to_text(), "evaluation": json.dumps(_to_keep(evaluation))}
    )
    return evaluation


def _without_point(
    rule: LearnedRule, verdict: Verdict, last: Evaluation | None, value: float | None, samples: int
) -> Evaluation:
    """Nothing new is expected: what was expected last is still told."""
    threshold, expected = (last.threshold, last.expected) if last is not None else (0.0, None)
    return Evaluation(rule, verdict, value, samples, threshold, expected)


def _name(rule: LearnedRule) -> str:
    return f"learned#{rule.fingerprint}"


def _verdict(rule: LearnedRule, value: float, samples: int, judged: Judgement) -> Evaluation:
    if judged.band_low is None or judged.band_high is None:  # still learning
        return Evaluation(rule, Verdict.MISSING, value, samples, 0.0)
    low, high = max(judged.band_low, 0.0), judged.band_high  # no figure is ever negative
    above = value - high if rule.side != "low" else 0.0
    below = low - value if rule.side != "high" else 0.0
    beyond = max(above, below)
    if beyond <= 0:
        verdict = Verdict.CLEAR
    else:
        verdict = Verdict.BREACH if judged.score >= ALARM and beyond >= rule.at_least else Verdict.BETWEEN
    threshold = low if rule.side == "low" or below > above else high
    return Evaluation(rule, verdict, value, samples, threshold, Expected(low, high, judged.reason, judged.samples))


def _to_keep(evaluation: Evaluation) -> dict[str, Any]:
    expected = vars(evaluation.expected) if evaluation.expected is not None else None
    kept = {name: getattr(evaluation, name) for name in ("verdict", "value", "samples", "threshold")}
    return {**kept, "expected": expected}


def _from_kept(rule: LearnedRule, kept: dict[str, Any]) -> Evaluation:
    expected = Expected(**kept["expected"]) if kept["expected"] is not None else None
    return Evaluation(rule, **{**kept, "verdict": Verdict(kept["verdict"]), "expected": expected})
