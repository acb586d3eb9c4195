"""Learned rules through the alerts' chain: what is usual is learned, what is not fires and is not learned."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from besunny.performance.alerts import pipeline
from besunny.performance.alerts.learned import NEW_NORMAL_AFTER, evaluate_learned
from besunny.performance.alerts.listing import alert_list
from besunny.performance.alerts.rules import LearnedRule, load_rules
from besunny.performance.figures import Figure
from besunny.performance.learned.detector import SeriesState, update
from besunny.performance.metric_store import read_document, write_document
from besunny.performance.settings import RecorderSettings

START = datetime(2026, 1, 1, tzinfo=UTC)
POINT = timedelta(minutes=5)
RULE = LearnedRule(
    name="requests-odd",
    kind="learned",
    component="requests",
    figure="request_count",
    unit="requests",
    severity="warning",
    side="both",
    at_least=10,
    for_minutes=5,
    min_samples=5,
    message="{value} {unit}; {band_low} to {band_high}: {reason} ({learned_from}, {threshold})",
)
DAYS = 3
TAUGHT = START + timedelta(days=DAYS)


def usual(number: int) -> float:
    return 100.0 + number % 7


def figures(value, **more):
    known = value is not None
    return {"request_count": Figure(value=value, samples=int(value) if known else 0, measured_at=None, **more)}


def run(value, now, **more):
    pipeline.run(figures(value, **more), RecorderSettings.from_environment(), now, rules=[RULE])


def state():
    kept = read_document(RecorderSettings.from_environment().metrics_table, f"learned#{RULE.fingerprint}")
    return kept and json.loads(kept["state"])


def alerts(name=None):
    return alert_list(RecorderSettings.from_environment().alerts_table, state=name, level=None).alerts


@pytest.fixture(autouse=True)
def taught(aws):
    table = RecorderSettings.from_environment().metrics_table
    learned = SeriesState()
    for number in range(DAYS * 288 - 1):
        update(learned, (START + number * POINT).timestamp(), usual(number))
    last = TAUGHT - POINT
    clear = {"verdict": "clear", "value": 100.0, "samples": 100, "threshold": 110.0, "expected": None}
    write_document(
        table,
        f"learned#{RULE.fingerprint}",
        last - POINT,
        {"state": learned.to_text(), "evaluation": json.dumps(clear)},
    )
    evaluate_learned(table, [RULE], figures(usual(DAYS * 288 - 1)), {}, last)


def test_what_is_usual_raises_nothing_and_is_learned():
    run(103.0, TAUGHT)
    assert alerts() == []
    assert state()["samples"] == DAYS * 288 + 1


@pytest.mark.parametrize("value", [400.0, 5.0])
def test_two_unusual_points_fire_with_band_and_reason_and_are_not_learned(value):
    run(value, TAUGHT)
    assert [a.state for a in alerts()] == ["pending"]
    run(value, TAUGHT + POINT)
    (alert,) = alerts()
    assert (alert.state, alert.value, alert.learned_from) == ("firing", value, DAYS * 288)
    assert 80 < alert.band_low < 101
    assert 105 < alert.band_high < 130
    assert alert.threshold == (alert.band_high if value > 103 else alert.band_low)
    assert alert.reason
    assert alert.reason in alert.message
    assert state()["samples"] == DAYS * 288
    run(103.0, TAUGHT + 2 * POINT)
    assert [a.state for a in alerts("resolved")] == ["resolved"]


def test_between_two_points_the_last_verdict_stands():
    run(400.0, TAUGHT)
    run(400.0, TAUGHT + timedelta(minutes=1))
    (alert,) = alerts()
    assert (alert.data_missing, alert.learned_from) == (False, DAYS * 288)


def test_no_request_at_all_where_there_always_are_some_is_unusual():
    run(0.0, TAUGHT, idle=True)
    assert [a.state for a in alerts()] == ["pending"]


def test_runs_within_five_minutes_take_one_point():
    for minute in range(5):
        run(103.0, TAUGHT + timedelta(minutes=minute))
    assert state()["samples"] == DAYS * 288 + 1


def test_without_data_nothing_is_learned_and_a_firing_alert_keeps_its_band():
    run(400.0, TAUGHT)
    run(400.0, TAUGHT + POINT)
    (before,) = alerts()
    run(None, TAUGHT + 2 * POINT)
    (after,) = alerts()
    assert (after.state, after.data_missing, after.band_high) == ("firing", True, before.band_high)
    run(400.0, TAUGHT + 3 * POINT, partial=True)
    assert alerts()[0].data_missing
    assert state()["samples"] == DAYS * 288


def test_what_lasts_longer_than_a_day_becomes_usual():
    number, now = 0, TAUGHT
    while now < TAUGHT + NEW_NORMAL_AFTER:
        run(400.0 + number % 7, now)
        number, now = number + 12, now + 12 * POINT
    assert state()["samples"] == DAYS * 288
    for _ in range(24):  # it fires since an hour after the beginning: the last 13 points are past its day
        now += POINT
        run(400.0, now)
    assert state()["samples"] == DAYS * 288 + 13


def test_an_older_incident_of_another_rule_keeps_its_component_from_learning():
    table = RecorderSettings.from_environment().metrics_table
    evaluate_learned(table, [RULE], figures(103.0), {"requests": TAUGHT - POINT}, TAUGHT)
    assert state()["samples"] == DAYS * 288
    evaluate_learned(table, [RULE], figures(103.0), {"cpu": TAUGHT}, TAUGHT + POINT)
    assert state()["samples"] == DAYS * 288 + 1


def test_a_state_that_cannot_be_read_is_told_and_silences_no_other_rule():
    settings = RecorderSettings.from_environment()
    write_document(settings.metrics_table, f"learned#{RULE.fingerprint}", TAUGHT, {"state": "{", "evaluation": "{"})
    cpu = next(rule for rule in load_rules() if rule.name == "cpu-high")
    now = {**figures(103.0), "cpu_percent": Figure(value=95, samples=1, measured_at=TAUGHT)}
    with pytest.raises(ExceptionGroup, match="could not be judged"):
        pipeline.run(now, settings, TAUGHT + POINT, rules=[RULE, cpu])
    assert [a.rule for a in alerts()] == ["cpu-high"]


def test_what_is_near_the_band_is_no_breach_however_unusual():
    rule = RULE.model_copy(update={"at_least": 500})
    table = RecorderSettings.from_environment().metrics_table
    assert rule.fingerprint == RULE.fingerprint
    (judged,) = evaluate_learned(table, [rule], figures(400.0), {}, TAUGHT)
    assert judged.verdict == "between"
