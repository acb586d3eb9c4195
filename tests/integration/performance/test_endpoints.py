"""The performance endpoints through their handlers: what they say changes when the stored figures do."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from performance import (
    alerts,
    health,
    liveness,
    metrics_current,
    metrics_history,
    metrics_summary,
    optimize,
    status,
)
from scheduled import record_metrics

from besunny.performance import series
from besunny.performance.alerts import pipeline
from besunny.performance.alerts.rules import load_rules
from besunny.performance.figures import RESPONSE_TIME_P95, Figure
from besunny.performance.health import BANDS
from besunny.performance.metric_store import Period, Resolution, write_periods
from besunny.performance.points import merged, single
from besunny.performance.settings import RecorderSettings
from tests.api_events import FakeContext, api_event
from tests.integration.performance.fleet import put, put_requests

BASE = "/v1/performance"


def call(handler, method, path, **event):
    result = handler.lambda_handler(api_event(method, path, role="operator", **event), FakeContext())
    return result["statusCode"], json.loads(result["body"])


def get(handler, path, **query):
    code, body = call(handler, "GET", BASE + path, query=query or None)
    assert code == 200, body
    return body


def record():
    return record_metrics.lambda_handler({}, FakeContext(function_name="demo-Recorder"))


def this_minute():
    return datetime.now(UTC).replace(second=0, microsecond=0)


def write(points_by_start, resolution=Resolution.MINUTE, source=series.OVERVIEW):
    table = RecorderSettings.from_environment().metrics_table
    write_periods(table, resolution, [Period(source, start, points) for start, points in points_by_start.items()])


def test_before_the_first_run_nothing_is_healthy():
    assert get(health, "/health") == {"status": "unknown", "timestamp": None, "age_seconds": None, "components": {}}
    current = get(metrics_current, "/metrics/current")
    assert (current["status"], current["age_seconds"], current["stale"]) == ("unknown", None, True)
    assert (current["cpu_percent"], current["request_count"], current["error_rate"]) == (None, None, None)
    assert {"cpu_percent", "request_count", "error_rate"} <= set(current["missing"])
    assert get(metrics_summary, "/metrics/summary")["current_status"] == "unknown"
    assert get(status, "/status")["status"] == "unknown"
    assert call(liveness, "GET", "/health", sub=None)[1]["status"] == "starting"


def test_current_metrics_are_what_was_recorded_and_say_their_age():
    put_requests("demo-Create", this_minute(), durations=[100, 300], errors=1)
    record()
    body = get(metrics_current, "/metrics/current")
    assert body["request_count"] == 2
    assert body["average_response_time"] == 200
    assert body["error_rate"] == 50
    assert 0 <= body["age_seconds"] < 30
    assert body["missing"] == []
    assert 0 < body["memory_percent"] <= 100
    assert body["network_io"]["bytes_recv"] >= 0


def test_health_follows_the_error_rate():
    put_requests("demo-Create", this_minute(), durations=[100] * 10)
    record()
    assert get(health, "/health")["components"]["error_rate"]["status"] == "healthy"
    put_requests("demo-Create", this_minute(), durations=[100] * 10, errors=10)
    record()
    after = get(health, "/health")
    assert after["status"] == "critical"
    component = after["components"]["error_rate"]
    assert (component["figure"], component["threshold"]) == (50, 5)
    assert component["action"]


def test_health_is_unknown_when_the_recorder_stopped(monkeypatch):
    record()
    later = datetime.now(UTC) + timedelta(minutes=4)
    monkeypatch.setattr(health, "utc_now", lambda: later)
    body = get(health, "/health")
    assert body["status"] == "unknown"
    assert all(c["figure"] is None for c in body["components"].values())


def test_liveness_is_measured(monkeypatch):
    record()
    _, body = call(liveness, "GET", "/health", sub=None)
    assert body["status"] == "ok"
    assert 0 <= body["recorder_age_seconds"] < 30
    assert 0 < body["database_response_time_ms"] < 10_000
    later = datetime.now(UTC) + timedelta(minutes=4)
    monkeypatch.setattr(liveness, "utc_now", lambda: later)
    assert call(liveness, "GET", "/health", sub=None)[1]["status"] == "degraded"


def test_liveness_is_a_503_where_the_database_does_not_answer():
    boto3.client("dynamodb").delete_table(TableName=RecorderSettings.from_environment().metrics_table)
    code, problem = call(liveness, "GET", "/health", sub=None)
    assert (code, problem["detail"]) == (503, "the database does not answer")


def test_history_is_by_minute_and_pages_by_cursor():
    start = this_minute() - timedelta(minutes=10)
    write({start + timedelta(minutes=n): {series.CPU: single(float(n))} for n in range(5)})
    body = get(metrics_history, "/metrics/history", hours="1", limit="3")
    assert body["resolution_seconds"] == 60
    assert [point["cpu_percent"] for point in body["metrics"]] == [0, 1, 2]
    assert body["metrics"][0]["request_count"] is None
    rest = get(metrics_history, "/metrics/history", hours="1", limit="3", cursor=body["next_cursor"])
    assert [point["cpu_percent"] for point in rest["metrics"]] == [3, 4]
    assert rest["next_cursor"] is None


def test_history_of_an_unknown_source_names_the_known_ones():
    code, body = call(metrics_history, "GET", BASE + "/metrics/history", query={"source": "recordr"})
    assert (code, body["errors"][0]["field"]) == (422, "source")
    record()
    code, body = call(metrics_history, "GET", BASE + "/metrics/history", query={"source": "recordr"})
    assert body["errors"][0]["fix"].startswith("send one of recorder, overview")
    assert get(metrics_history, "/metrics/history", source="recorder")["metrics"]


def test_history_of_a_source_that_is_quiet_or_was_forgotten_is_no_error():
    assert get(metrics_history, "/metrics/history")["metrics"] == []
    write({this_minute() - timedelta(days=20): {"runs": single(1.0)}}, Resolution.HOUR, source="function/demo-Old")
    assert get(metrics_history, "/metrics/history", source="function/demo-Old", hours="700")["metrics"]


def test_history_gives_percentiles_of_the_series_asked_for():
    write({this_minute(): {series.RESPONSE_TIME: merged(single(float(n)) for n in range(1, 101))}})
    found = get(metrics_history, "/metrics/history", series=series.RESPONSE_TIME)["metrics"][0]["statistics"]
    assert found[series.RESPONSE_TIME]["p95"] == pytest.approx(95, rel=0.02)
    assert found[series.RESPONSE_TIME]["count"] == 100


@pytest.mark.parametrize(
    ("hours", "seconds"), [(1, 60), (24, 60), (25, 3600), (168, 3600), (1499, 3600), (1500, 86400), (8760, 86400)]
)
def test_any_window_reads_a_bounded_number_of_items(hours, seconds):
    body = get(metrics_history, "/metrics/history", hours=str(hours))
    assert body["resolution_seconds"] == seconds
    assert hours * 3600 / seconds + 1 <= 1500


@pytest.mark.parametrize("query", [{"hours": "0"}, {"hours": "8761"}, {"limit": "1501"}, {"cursor": "nonsense"}])
def test_a_wrong_window_is_refused_by_name(query):
    code, body = call(metrics_history, "GET", BASE + "/metrics/history", query=query)
    assert code == 422
    assert body["errors"][0]["field"] == next(iter(query))


def test_the_summary_is_of_the_window():
    now = this_minute()
    points = {series.REQUESTS: single(10), series.ERRORS: single(1), series.CPU: single(20)}
    busy = {series.REQUESTS: single(30), series.ERRORS: single(9), series.CPU: single(60)}
    old = {series.REQUESTS: single(1000), series.ERRORS: single(0), series.CPU: single(99)}
    write({now - timedelta(minutes=2): points, now - timedelta(minutes=1): busy, now - timedelta(hours=3): old})
    body = get(metrics_summary, "/metrics/summary", hours="1")
    assert (body["metrics_count"], body["time_period_hours"]) == (2, 1)
    assert body["averages"]["cpu_percent"] == 40
    assert body["averages"]["error_rate"] == 25
    assert body["peaks"] == {"cpu_percent": 60, "error_rate": 30, "request_count": 30}
    assert body["totals"] == {"request_count": 40, "request_errors": 10}
    assert body["percentiles"]["cpu_percent"]["p50"] == pytest.approx(20, rel=0.01)


def test_idle_minutes_have_no_error_rate_and_no_average_counts_them():
    now = this_minute()
    idle = {series.REQUESTS: single(0), series.ERRORS: single(0), series.CPU: single(20)}
    busy = {series.REQUESTS: single(8), series.ERRORS: single(2), series.RESPONSE_TIME: single(50)}
    write({now - timedelta(minutes=n): idle for n in (2, 3, 4)})
    assert "error_rate" not in get(metrics_summary, "/metrics/summary", hours="1")["averages"]
    write({now - timedelta(minutes=1): busy})
    rows = get(metrics_history, "/metrics/history", hours="1")["metrics"]
    assert [(row["request_count"], row["error_rate"], row["cpu_percent"]) for row in rows] == [
        *[(0, None, 20)] * 3,
        (8, 25, None),
    ]
    averages = get(metrics_summary, "/metrics/summary", hours="1")["averages"]
    assert averages == {"cpu_percent": 20, "error_rate": 25, "request_count": 2, "response_time_ms": 50}


def test_current_metrics_of_an_idle_stack_are_null_and_not_missing():
    record()
    body = get(metrics_current, "/metrics/current")
    assert (body["request_count"], body["error_rate"], body["average_response_time"]) == (0, None, None)
    assert body["missing"] == []
    assert get(health, "/health")["components"]["error_rate"]["status"] == "healthy"


def test_optimize_cites_series_window_and_figure():
    now = this_minute()
    write({now - timedelta(minutes=n): {series.CPU: single(75.0)} for n in range(1, 21)})
    code, body = call(optimize, "POST", BASE + "/optimize", body={"hours": 1})
    assert code == 200
    found = next(r for r in body["recommendations"] if r["evidence"]["series"] == "cpu_percent")
    assert (found["evidence"]["figure"], found["evidence"]["samples"]) == (75, 20)
    assert found["evidence"]["threshold"] == 50


def test_a_warning_begins_at_the_same_level_for_health_and_for_advice(monkeypatch):
    monkeypatch.setitem(BANDS, "memory", replace(BANDS["memory"], warning_from=33.0))
    now = this_minute()
    write({now - timedelta(minutes=n): {series.CPU: single(40.0), series.MEMORY: single(34.0)} for n in range(1, 21)})
    _, body = call(optimize, "POST", BASE + "/optimize", body={"hours": 1})
    assert [r["evidence"]["threshold"] for r in body["recommendations"]] == [33]
    record()
    assert get(health, "/health")["components"]["memory"]["warning_threshold"] == 33


def test_one_busy_minute_is_not_what_is_usual():
    for number in range(30):
        put(f"demo-{number}", "CpuPercent", [95.0], this_minute())
    record()
    _, body = call(optimize, "POST", BASE + "/optimize", body={})
    assert body["recommendations"] == body["long_term_actions"] == []
    assert body["insufficient_data"] == ["what is usual: fewer than 10 minutes in the window were measured"]


def test_optimize_with_too_little_data_says_so():
    code, body = call(optimize, "POST", BASE + "/optimize", body={})
    assert code == 200
    assert body["recommendations"] == body["long_term_actions"] == body["immediate_actions"] == []
    assert len(body["insufficient_data"]) == 2


def test_a_critical_component_gets_an_immediate_action():
    put_requests("demo-Create", this_minute(), durations=[100] * 10, errors=10)
    record()
    _, body = call(optimize, "POST", BASE + "/optimize", body={})
    found = next(r for r in body["immediate_actions"] if r["evidence"]["series"] == "error_rate")
    assert found["evidence"]["figure"] == 100


def test_optimize_names_the_slow_function():
    put_requests("demo-Slow", this_minute(), durations=[4000.0] * 30)
    put_requests("demo-Fast", this_minute(), durations=[40.0] * 30)
    record()
    _, body = call(optimize, "POST", BASE + "/optimize", body={})
    named = [r["evidence"]["source"] for r in body["recommendations"] if r["evidence"]["statistic"] == "p95"]
    assert named == ["function/demo-Slow"]


def test_status_says_it_in_a_sentence_and_lists_what_has_history():
    put("demo-Create", "MemoryPercent", [40.0], this_minute())
    record()
    body = get(status, "/status")
    assert "alerts firing" in body["summary"]
    assert "function/demo-Create" in body["sources"]
    assert all(collector["ok"] for collector in body["collectors"])


def test_what_the_stack_consists_of_is_not_for_every_user():
    put("demo-Create", "MemoryPercent", [40.0], this_minute())
    record()
    event = api_event("GET", BASE + "/status", role="user")
    body = json.loads(status.lambda_handler(event, FakeContext())["body"])
    assert (body["sources"], body["collectors"]) == ({}, [])
    assert "demo-Create" not in json.dumps(body)


def test_a_firing_alert_is_counted_by_status_and_gets_an_immediate_action():
    settings, began = RecorderSettings.from_environment(), datetime.now(UTC)
    figures = {RESPONSE_TIME_P95: Figure(value=7000, samples=50, measured_at=began)}
    rules = [rule for rule in load_rules() if rule.name == "response-time-high"]
    record()
    assert get(status, "/status")["summary"].endswith("; 0 alerts firing")
    for minute in range(4):
        pipeline.run(figures, settings, began + timedelta(minutes=minute), rules=rules)
    assert get(status, "/status")["summary"].endswith("; 1 alert firing")
    _, body = call(optimize, "POST", BASE + "/optimize", body={})
    found = [a["evidence"] for a in body["immediate_actions"] if a["evidence"]["series"] == series.RESPONSE_TIME]
    assert [(e["statistic"], e["figure"], e["threshold"]) for e in found] == [("p95", 7000, 5000)]


def test_alerts_are_listed_and_a_wrong_state_is_refused():
    assert get(alerts, "/alerts") == {"alerts": [], "total": 0}
    for state in ("burning", "dropped"):
        assert call(alerts, "GET", BASE + "/alerts", query={"state": state})[0] == 422
