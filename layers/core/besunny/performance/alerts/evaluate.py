"""First stage: what each rule says of the figures of now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from besunny.performance.alerts.rules import AnyRule, Rule
from besunny.performance.figures import Figures
from besunny.performance.settings import Thresholds


class Verdict(StrEnum):
    """What a figure says: a breach, all clear, neither (between the two levels), or nothing at all."""

    BREACH = "breach"
    BETWEEN = "between"
    CLEAR = "clear"
    MISSING = "missing"


@dataclass(frozen=True)
class Expected:
    """What a learned rule expects at this time, why the value is unusual, and from how many points it learned."""

    band_low: float
    band_high: float
    reason: str
    learned_from: int


@dataclass(frozen=True)
class Evaluation:
    """One rule's verdict, with what it stands on."""

    rule: AnyRule
    verdict: Verdict
    value: float | None
    samples: int
    threshold: float
    expected: Expected | None = None


def evaluate(rules: Iterable[AnyRule], figures: Figures, thresholds: Thresholds) -> list[Evaluation]:
    """Judge the figures by every rule of fixed levels."""
    return [_evaluate(rule, figures, thresholds) for rule in rules if isinstance(rule, Rule)]


def _evaluate(rule: Rule, figures: Figures, thresholds: Thresholds) -> Evaluation:
    figure, level = figures.get(rule.figure), rule.raise_from.resolve(thresholds)
    if figure is not None and figure.idle and not figure.partial:
        return Evaluation(rule, Verdict.CLEAR, figure.value, 0, level)
    if figure is None or figure.value is None:
        return Evaluation(rule, Verdict.MISSING, None, 0, level)
    if figure.value >= level and figure.samples >= rule.min_samples:
        verdict = Verdict.BREACH
    elif figure.partial:
        verdict = Verdict.MISSING
    elif figure.value < rule.clear_below.resolve(thresholds):
        verdict = Verdict.CLEAR
    else:
        verdict = Verdict.BETWEEN
    return Evaluation(rule, verdict, figure.value, figure.samples, level)
