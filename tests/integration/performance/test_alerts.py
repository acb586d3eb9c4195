"""Alerts in their table and to their topic: one notice a change, and history."""

import json
from datetime import UTC, datetime, timedelta

import boto3
import pytest

from besunny.performance.alerts import pipeline
from besunny.performance.alerts.listing import alert_list
from besunny.performance.alerts.rules import load_rules
from besunny.performance.alerts.store import read_alert, save_alert
from besunny.performance.figures import Figure
from besunny.performance.settings import RecorderSettings

NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
RULE = next(rule for rule in load_rules() if rule.name == "cpu-high")


def run(value, minute, *, thresholds=None):
    settings = RecorderSettings.from_environment().model_copy(update=thresholds or {})
    now = NOW + timedelta(minutes=minute)
    figures = {"cpu_percent": Figure(value=value, samples=3, measured_at=now)}
    return pipeline.run(figures, settings, now, rules=[RULE])


def notices(aws):
    found = boto3.client("sqs").receive_message(QueueUrl=aws["inbox"], MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"]) for message in found]


def listed(**query):
    table = RecorderSettings.from_environment().alerts_table
    return alert_list(table, **{"state": None, "level": None, **query}).alerts


def history():
    table = RecorderSettings.from_environment().alerts_table
    items = boto3.resource("dynamodb").Table(table).scan()["Items"]
    return [i["state"] for i in sorted(items, key=lambda i: i["sk"]) if i["sk"].startswith("event#")]


def test_a_breach_fires_and_resolves_with_one_notice_each(aws):
    for minute, value in enumerate([90, 90, 90, 90, 90, 50, 50]):
        run(value, minute)
    told = notices(aws)
    assert [notice["Subject"] for notice in told] == [
        "[firing critical] cpu: cpu-high",
        "[resolved critical] cpu: cpu-high",
    ]
    assert "CPU is at 90 percent; the threshold is 80" in told[0]["Message"]
    assert "docs/operations/cpu-high.md" in told[0]["Message"]
    assert history() == ["pending", "firing", "resolved"]


def test_the_list_follows_the_state():
    run(90, 0)
    assert [(a.state, a.level, a.component) for a in listed()] == [("pending", "critical", "cpu")]
    run(95, 1)
    run(95, 2)
    fired = listed()[0]
    assert (fired.state, fired.value, fired.threshold, fired.since) == ("firing", 95, 80, NOW + timedelta(minutes=2))
    assert listed(level="warning") == []
    run(10, 3)
    assert listed() == []
    assert [a.rule for a in listed(state="resolved")] == ["cpu-high"]


def test_a_breach_that_did_not_last_is_in_no_list(aws):
    run(90, 0)
    run(10, 1)
    assert listed() == listed(state="resolved") == []
    assert notices(aws) == []


def test_the_operators_threshold_decides():
    run(60, 0, thresholds={"cpu_threshold": 55})
    assert listed()[0].threshold == 55


def test_a_notice_that_could_not_be_sent_is_sent_by_a_later_run_once(aws, monkeypatch):
    settings = RecorderSettings.from_environment()
    run(90, 0)
    run(90, 1)
    with pytest.raises(ExceptionGroup):
        run(90, 2, thresholds={"alert_topic_arn": settings.alert_topic_arn + "-no-such"})
    assert read_alert(settings.alerts_table, RULE.fingerprint).notice_due
    # Seconds later the run that made the change may still be sending.
    run(90, 2.2)
    assert notices(aws) == []
    run(90, 3)
    run(90, 4)
    assert [notice["Subject"] for notice in notices(aws)] == ["[firing critical] cpu: cpu-high"]


def test_a_notice_that_cannot_be_sent_holds_up_no_other_rule():
    settings = RecorderSettings.from_environment()
    settings = settings.model_copy(update={"alert_topic_arn": settings.alert_topic_arn + "-no-such"})
    rules = [rule for rule in load_rules() if rule.name in ("cpu-high", "memory-high")]
    figures = {name: Figure(value=95, samples=3, measured_at=NOW) for name in ("cpu_percent", "memory_percent")}
    failing = []
    for minute in range(12):
        try:
            pipeline.run(figures, settings, NOW + timedelta(minutes=minute), rules=rules)
        except ExceptionGroup as group:
            failing.append(group)
    assert failing
    assert {(alert.component, alert.state) for alert in listed()} == {("cpu", "firing"), ("memory", "firing")}


def test_alerts_of_a_rule_that_was_removed_end_and_say_why(aws):
    for minute in range(5):
        run(90, minute)
    settings = RecorderSettings.from_environment()
    other = RULE.model_copy(update={"name": "other", "component": "other"})
    figures = {"cpu_percent": Figure(value=90, samples=3, measured_at=NOW)}
    pipeline.run(figures, settings, NOW + timedelta(minutes=5), rules=[RULE, other])
    later = NOW + timedelta(minutes=6)
    ended = pipeline.run({}, settings, later, rules=[])
    assert {alert.rule: str(alert.state) for alert in ended} == {"cpu-high": "resolved", "other": "dropped"}
    assert listed() == []
    (resolved,) = listed(state="resolved")
    assert "the rule was removed" in resolved.message
    assert resolved.since == later
    assert [notice["Subject"] for notice in notices(aws)][-1] == "[resolved critical] cpu: cpu-high"
    assert pipeline.run({}, settings, later + timedelta(minutes=1), rules=[]) == []
    assert notices(aws) == []


def test_of_two_evaluators_one_wins():
    table = RecorderSettings.from_environment().alerts_table
    run(90, 0)
    before = read_alert(table, RULE.fingerprint)
    one, other = (before.model_copy(update={"version": 2, "value": value}) for value in (91.0, 92.0))
    assert save_alert(table, before, one)
    assert not save_alert(table, before, other)
    assert not save_alert(table, None, other)
    assert read_alert(table, RULE.fingerprint).value == 91


def test_without_a_topic_alerts_are_still_kept():
    for minute in range(3):
        run(90, minute, thresholds={"alert_topic_arn": ""})
    assert listed()[0].state == "firing"
