"""An alert's life, with the time as an argument; and the rules as data."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from besunny.performance.alerts.evaluate import Verdict, evaluate
from besunny.performance.alerts.lifecycle import AlertState as S
from besunny.performance.alerts.lifecycle import step
from besunny.performance.alerts.rules import Level, Rule, load_rules
from besunny.performance.figures import Figure
from besunny.performance.settings import Thresholds

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 1, 1, tzinfo=UTC)
RULE = Rule(
    name="cpu-high",
    component="cpu",
    figure="cpu_percent",
    unit="percent",
    severity="critical",
    raise_from=Level(setting="cpu_threshold"),
    clear_below=Level(setting="cpu_threshold", plus=-5),
    for_minutes=2,
    min_samples=3,
    message="CPU is at {value} {unit}; the threshold is {threshold}",
)


def verdict(value, samples=3, *, idle=False, thresholds=None):
    figures = {"cpu_percent": Figure(value=value, samples=samples, measured_at=NOW, idle=idle)}
    return evaluate([RULE], figures, thresholds or Thresholds())[0]


def live(*values):
    """One figure a minute; the states and whether a notice is due, minute by minute."""
    alert, seen = None, []
    for minute, value in enumerate(values):
        alert = step(alert, verdict(value), NOW + timedelta(minutes=minute))
        seen.append((alert.state, alert.notice_due) if alert else None)
        if alert is not None:
            alert = alert.model_copy(update={"notice_due": False})
    return seen


@pytest.mark.parametrize(
    ("value", "samples", "expected"),
    [(80, 3, Verdict.BREACH), (80, 2, Verdict.BETWEEN), (76, 3, Verdict.BETWEEN), (75, 3, Verdict.BETWEEN),
     (74.9, 3, Verdict.CLEAR), (None, 0, Verdict.MISSING)],
)  # fmt: skip
def test_a_rule_raises_and_clears_at_levels_of_its_own(value, samples, expected):
    assert verdict(value, samples).verdict is expected


def test_the_threshold_is_the_operators():
    assert verdict(45, thresholds=Thresholds(cpu_threshold=40)).verdict is Verdict.BREACH


def test_nothing_to_measure_is_clear_and_a_figure_that_nobody_has_is_missing():
    assert verdict(None, idle=True).verdict is Verdict.CLEAR
    assert evaluate([RULE], {}, Thresholds())[0].verdict is Verdict.MISSING


def test_it_is_pending_until_the_breach_has_lasted_then_fires_once_and_resolves_once():
    assert live(90, 90, 90, 90, 60, 60) == [
        (S.PENDING, False),
        (S.PENDING, False),
        (S.FIRING, True),
        (S.FIRING, False),
        (S.RESOLVED, True),
        (S.RESOLVED, False),
    ]


def test_a_breach_that_does_not_last_is_dropped_without_a_notice():
    assert live(90, 60, 90, 90) == [
        (S.PENDING, False), (S.DROPPED, False), (S.PENDING, False), (S.PENDING, False)
    ]  # fmt: skip


def test_between_the_levels_a_firing_alert_goes_on():
    assert live(90, 90, 90, 77, 77, 74)[2:] == [
        (S.FIRING, True), (S.FIRING, False), (S.FIRING, False), (S.RESOLVED, True)
    ]  # fmt: skip


def test_without_data_a_firing_alert_goes_on_and_says_so():
    fired = None
    for minute in range(3):
        fired = step(fired, verdict(90), NOW + timedelta(minutes=minute))
    blind = step(fired, verdict(None), NOW + timedelta(minutes=3))
    assert (blind.state, blind.data_missing, blind.value, blind.since) == (S.FIRING, True, 90, fired.since)
    pending = step(None, verdict(90), NOW)
    assert step(pending, verdict(None), NOW + timedelta(hours=1)).state is S.PENDING


def test_without_a_breach_nothing_begins():
    assert live(10, None, 79) == [None, None, None]


def test_it_can_fire_again_after_it_was_resolved():
    assert [seen[0] for seen in live(90, 90, 90, 10, 90, 90, 90)][3:] == [
        S.RESOLVED, S.PENDING, S.PENDING, S.FIRING
    ]  # fmt: skip


def test_a_notice_that_was_not_sent_stays_due():
    fired = None
    for minute in range(4):
        fired = step(fired, verdict(90), NOW + timedelta(minutes=minute))
    assert (fired.notice_due, fired.since) == (True, NOW + timedelta(minutes=2))


def test_the_message_has_the_figures():
    assert step(None, verdict(91.26), NOW).message == "CPU is at 91.3 percent; the threshold is 80"


@pytest.mark.parametrize("rule", load_rules(), ids=lambda rule: rule.name)
def test_every_rule_is_named_as_its_file_clears_below_its_raise_and_has_a_guide(rule):
    assert (ROOT / f"layers/core/besunny/performance/rules/{rule.name}.json").is_file()
    if isinstance(rule, Rule):
        assert rule.clear_below.resolve(Thresholds()) <= rule.raise_from.resolve(Thresholds())
        rule.message.format(value=1, threshold=2, unit=rule.unit)
    else:
        rule.message.format(value=1, unit=rule.unit, band_low=0, band_high=2, reason="", learned_from=3)
    guide = (ROOT / rule.guide).read_text()
    assert guide.startswith(f"# {rule.name}\n")
    assert {"## What it means", "## What to do", "## What it cannot see"} <= set(guide.splitlines())


def test_fingerprints_tell_rules_apart():
    assert len({rule.fingerprint for rule in load_rules()}) == len(load_rules()) >= 6


def test_a_rule_on_a_figure_that_nobody_takes_is_refused():
    rule = load_rules()[0].model_dump(exclude_none=True)
    with pytest.raises(ValidationError, match="is not one of cpu_percent"):
        Rule.model_validate(rule | {"figure": "cpu_procent"})


@pytest.mark.parametrize("level", [{}, {"value": 1, "setting": "cpu_threshold"}, {"setting": "no_such"}, {"vale": 1}])
def test_a_level_that_says_nothing_or_two_things_is_refused(level):
    with pytest.raises(ValidationError):
        Level.model_validate_json(json.dumps(level))
