"""The recorder against CloudWatch and DynamoDB: what goes in is what the endpoints' figures say."""

from datetime import UTC, datetime, timedelta

import psutil
import pytest

from besunny.performance import series
from besunny.performance.alerts import pipeline
from besunny.performance.alerts.evaluate import Verdict, evaluate
from besunny.performance.alerts.rules import load_rules
from besunny.performance.collectors.cloudwatch import IncompleteDataError, read_family
from besunny.performance.collectors.host import HostMeter
from besunny.performance.health import HealthStatus
from besunny.performance.metric_store import Resolution, read_periods
from besunny.performance.minute import run_minute
from besunny.performance.recorder import record
from besunny.performance.rollup import roll_up
from besunny.performance.settings import RecorderSettings
from besunny.performance.snapshot import read_snapshot
from tests.integration.performance.fleet import put, put_aws, put_requests

NOW = datetime.now(UTC).replace(second=30, microsecond=0)
MINUTE = NOW.replace(second=0)
MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:demo-service"


def meter():
    ticks = iter(range(10_000))
    return HostMeter(shortest=0.0, monotonic=lambda: float(next(ticks)), sleep=lambda _: None)


def run(now=NOW, read=read_family):
    settings = RecorderSettings.from_environment()
    snapshot = record(settings, meter(), now, read=read)
    roll_up(settings.metrics_table, snapshot.sources, now, has_time=lambda: True)
    return snapshot


def overview(start=MINUTE - timedelta(minutes=5), end=MINUTE + timedelta(minutes=1), resolution=Resolution.MINUTE):
    settings = RecorderSettings.from_environment()
    return {p.start: p.points for p in read_periods(settings.metrics_table, resolution, series.OVERVIEW, start, end)}


def test_requests_are_counted_exactly_over_functions():
    put_requests("demo-Create", MINUTE, durations=[10, 20, 30], errors=1)
    put_requests("demo-HealthStatus", MINUTE - timedelta(minutes=1), durations=[5, 5])
    put_requests("other-Create", MINUTE, durations=[9000])
    snapshot = run()
    assert snapshot.figures[series.REQUESTS].value == 5
    assert snapshot.figures["error_rate"].value == 20
    assert snapshot.figures[series.RESPONSE_TIME].value == pytest.approx(14)
    assert overview()[MINUTE][series.REQUESTS].total == 3
    assert "function/demo-Create" in snapshot.sources
    assert not any("other" in source for source in snapshot.sources)


def test_runs_of_state_machines_are_no_requests():
    put("demo-Classify", "Runs", [1, 1], MINUTE)
    assert run().figures[series.REQUESTS].value == 0


def invoked(function, ago):
    put_aws("AWS/Lambda", "Invocations", [1], MINUTE - timedelta(minutes=ago), FunctionName=function)


def test_a_function_that_stopped_telling_is_named_and_all_clear_is_unknown():
    put_requests("demo-Create", MINUTE - timedelta(minutes=3), durations=[10])
    for name in ("demo-Create", "demo-Search-1A"):
        invoked(name, 3)
    snapshot = run()
    assert snapshot.components["error_rate"].status is HealthStatus.UNKNOWN
    (report,) = [report for report in snapshot.collectors if not report.ok]
    assert (report.name, report.detail) == ("functions", "told nothing: demo-Search-1A")
    assert snapshot.figures[series.REQUESTS].value == 1
    assert snapshot.figures["collectors_failed"].value == 1
    evaluations = evaluate(load_rules(), snapshot.figures, RecorderSettings.from_environment())
    verdicts = {one.rule.name: one.verdict for one in evaluations}
    assert verdicts["error-rate-high"] is verdicts["response-time-high"] is Verdict.MISSING
    assert verdicts["collectors-failing"] is Verdict.BREACH


def test_silence_hides_no_breach():
    put_requests("demo-Create", MINUTE - timedelta(minutes=3), durations=[10] * 6, errors=6)
    invoked("demo-Search-1A", 3)
    snapshot = run()
    assert snapshot.components["error_rate"].status is HealthStatus.CRITICAL
    evaluations = evaluate(load_rules(), snapshot.figures, RecorderSettings.from_environment())
    assert {one.rule.name: one.verdict for one in evaluations}["error-rate-high"] is Verdict.BREACH


@pytest.mark.parametrize("ago", [0, 1, 6])
def test_what_may_still_be_on_the_way_or_is_long_ago_is_no_silence(ago):
    invoked("demo-Search-1A", ago)
    snapshot = run()
    assert snapshot.components["error_rate"].status is HealthStatus.HEALTHY
    assert all(report.ok for report in snapshot.collectors)


def test_a_late_point_is_filled_in_and_a_second_run_changes_nothing():
    put_requests("demo-Create", MINUTE, durations=[10])
    run()
    put_requests("demo-Create", MINUTE - timedelta(minutes=2), durations=[30])
    later = NOW + timedelta(seconds=20)
    assert run(later).figures[series.REQUESTS].value == 2
    first = overview()
    assert run(later).figures[series.REQUESTS].value == 2
    assert {m: p[series.REQUESTS].total for m, p in overview().items()} == {
        m: p[series.REQUESTS].total for m, p in first.items()
    }


def test_a_pause_of_the_recorder_is_filled_from_cloudwatch():
    run(NOW - timedelta(minutes=40))
    gap = MINUTE - timedelta(minutes=20)
    put_requests("demo-Create", gap, durations=[10, 10])
    run()
    assert overview(gap, gap + timedelta(minutes=1))[gap][series.REQUESTS].total == 2


def test_services_of_aws_are_read_where_they_are_this_stacks():
    put_aws("AWS/States", "ExecutionsFailed", [1, 1], MINUTE, StateMachineArn=MACHINE)
    put_aws("AWS/States", "ExecutionsFailed", [1], MINUTE, StateMachineArn=MACHINE + "-of-another-stack")
    put_aws("AWS/Lambda", "Throttles", [3], MINUTE, FunctionName="demo-Create-1")
    put_aws("AWS/ApiGateway", "Count", [7], MINUTE, ApiName="demo", Stage="live")
    put_aws("AWS/ApiGateway", "Count", [7], MINUTE, ApiName="demo")
    sources = set(run().sources)
    ours = {"state-machine/demo-service", "lambda/demo-Create-1", "api/demo", series.RECORDER, series.OVERVIEW}
    assert sources == ours
    table = RecorderSettings.from_environment().metrics_table
    found = read_periods(table, Resolution.MINUTE, "state-machine/demo-service", MINUTE, NOW)
    assert found[0].points["executions_failed"].total == 2


def test_a_collector_that_fails_leaves_the_figure_missing_and_the_rest_recorded():
    put_requests("demo-Create", MINUTE, durations=[10])

    def broken(family, *rest):
        if family.namespace == "BeSunny":
            raise IncompleteDataError("half of it")
        return read_family(family, *rest)

    snapshot = run(read=broken)
    assert snapshot.figures[series.REQUESTS].value is None
    assert snapshot.components["error_rate"].status is HealthStatus.UNKNOWN
    assert snapshot.components["memory"].figure is not None
    assert [report.name for report in snapshot.collectors if not report.ok] == ["cloudwatch:BeSunny"]
    assert snapshot.figures["collectors_failed"].value == 1


def test_a_failure_does_not_undo_what_an_earlier_run_recorded():
    put_requests("demo-Create", MINUTE, durations=[10, 10])
    run()

    def broken(*_):
        raise IncompleteDataError("nothing")

    run(NOW + timedelta(seconds=10), read=broken)
    assert overview()[MINUTE][series.REQUESTS].total == 2


def test_what_a_collector_told_before_it_failed_is_not_the_health_of_now(monkeypatch):
    put_requests("demo-Create", MINUTE, durations=[10] * 10)
    before = run().components
    assert (before["error_rate"].status, before["error_rate"].figure) == (HealthStatus.HEALTHY, 0)

    def broken(*_):
        raise IncompleteDataError("nothing")

    after = run(NOW + timedelta(seconds=10), read=broken)
    assert (after.components["error_rate"].status, after.components["memory"].figure is None) == ("unknown", False)

    def denied(*_, **__):
        raise psutil.AccessDenied(1)

    monkeypatch.setattr("besunny.performance.collectors.host.psutil.virtual_memory", denied)
    after = run(NOW + timedelta(minutes=1), read=read_family)
    assert {name for name, c in after.components.items() if c.status is HealthStatus.UNKNOWN} == {
        "cpu",
        "memory",
        "disk",
    }
    assert after.figures[series.REQUESTS].value == 10


def test_history_begins_with_the_first_sample():
    put_requests("demo-Create", MINUTE - timedelta(minutes=1), durations=[10, 30])
    run()
    run(NOW + timedelta(minutes=1))
    first, second, third = (MINUTE + timedelta(minutes=n) for n in (-1, 0, 1))
    rows = overview(MINUTE - timedelta(minutes=20), third + timedelta(minutes=1))
    assert {m: points[series.REQUESTS].total for m, points in rows.items()} == {first: 2, second: 0, third: 0}


def test_minutes_in_which_nothing_ran_are_no_idle_minutes():
    run(NOW - timedelta(minutes=40))
    put_requests("demo-Create", MINUTE - timedelta(minutes=20), durations=[10])
    run()
    assert sorted((MINUTE - m) // timedelta(minutes=1) for m in overview(MINUTE - timedelta(minutes=60))) == [0, 20, 40]


def test_without_psutil_cpu_is_unknown_and_requests_are_still_counted(monkeypatch):
    def denied(*_, **__):
        raise psutil.AccessDenied(1)

    monkeypatch.setattr("besunny.performance.collectors.host.psutil.virtual_memory", denied)
    put_requests("demo-Create", MINUTE, durations=[10])
    snapshot = run()
    assert snapshot.components["cpu"].status is HealthStatus.UNKNOWN
    assert snapshot.figures[series.REQUESTS].value == 1
    assert snapshot.network is None


def test_since_stays_while_the_status_does():
    first, second = run(), run(NOW + timedelta(minutes=1))
    assert second.components["error_rate"].since == first.components["error_rate"].since == NOW


def test_an_older_run_does_not_replace_a_newer_snapshot():
    run(NOW)
    run(NOW - timedelta(minutes=1))
    assert read_snapshot(RecorderSettings.from_environment().metrics_table).recorded_at == NOW


def test_hours_and_days_are_rolled_up_and_twice_is_as_once():
    hour = Resolution.HOUR.floor(NOW)
    put_requests("demo-Create", MINUTE, durations=[10, 20])
    for _ in range(2):
        run()
        rolled = overview(hour, NOW, Resolution.HOUR)[hour]
        assert rolled[series.REQUESTS].total == 2
        assert rolled[series.RESPONSE_TIME].count == 2
    day = Resolution.DAY.floor(NOW)
    assert overview(day, NOW, Resolution.DAY)[day][series.REQUESTS].total == 2


def test_a_final_hour_of_a_function_is_rolled_up():
    put_requests("demo-Create", MINUTE, durations=[10, 20])
    run()
    hour = Resolution.HOUR.floor(NOW)
    run(hour + timedelta(hours=1, minutes=15))
    table = RecorderSettings.from_environment().metrics_table
    found = read_periods(table, Resolution.HOUR, "function/demo-Create", hour, hour + timedelta(hours=1))
    assert found[0].points[series.REQUESTS].total == 2


def test_rollups_leave_time_for_the_answer_and_are_made_though_a_notice_fails(monkeypatch):
    def minute(remaining_ms, **changes):
        settings = RecorderSettings.from_environment().model_copy(update=changes)
        return run_minute(settings, NOW, remaining_ms=lambda: remaining_ms, monotonic=lambda: 0.0, sleep=lambda _: None)

    assert minute(10_000)["closed"] == {"HOUR": 0, "DAY": 0}
    with monkeypatch.context() as patched:
        patched.setattr(pipeline, "run", unsendable)
        with pytest.raises(ExceptionGroup):
            minute(29_000)
    # The run that raised closed what was final.
    assert minute(29_000)["closed"] == {"HOUR": 0, "DAY": 0}
    hour = Resolution.HOUR.floor(NOW)
    assert overview(hour, NOW, Resolution.HOUR)


def unsendable(*_):
    raise ExceptionGroup("notices could not be sent", [ConnectionError()])
