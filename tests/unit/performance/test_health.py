"""Health: the bands, what is unknown, and since when."""

from datetime import UTC, datetime, timedelta

import pytest

from besunny.performance import series
from besunny.performance.figures import COLLECTORS_FAILED, ERROR_RATE, NAMES, Figure, figures_of
from besunny.performance.health import HealthStatus, components_of, overall, unknown_since
from besunny.performance.points import single
from besunny.performance.settings import Thresholds

NOW = datetime(2026, 1, 1, 12, 0, 30, tzinfo=UTC)
FIGURES = {"cpu": series.CPU, "memory": series.MEMORY, "disk": series.DISK, "error_rate": ERROR_RATE}


def figures(**values):
    return {figure: Figure(value=values.get(name, 0.0), samples=1, measured_at=NOW) for name, figure in FIGURES.items()}


def judge(*, thresholds=None, before=None, now=NOW, **values):
    return components_of(figures(**values), thresholds or Thresholds(), before=before or {}, now=now)


@pytest.mark.parametrize(
    ("component", "value", "status"),
    [
        ("cpu", 49.9, "healthy"),
        ("cpu", 50, "warning"),
        ("cpu", 79.9, "warning"),
        ("cpu", 80, "critical"),
        ("memory", 69.9, "healthy"),
        ("memory", 70, "warning"),
        ("memory", 85, "critical"),
        ("disk", 79.9, "healthy"),
        ("disk", 80, "warning"),
        ("disk", 90, "critical"),
        ("error_rate", 0.9, "healthy"),
        ("error_rate", 1, "warning"),
        ("error_rate", 5, "critical"),
        ("cpu", None, "unknown"),
        ("error_rate", None, "unknown"),
    ],
)
def test_bands(component, value, status):
    assert judge(**{component: value})[component].status == status


def test_thresholds_are_settable_and_a_warning_never_begins_above_one():
    judged = judge(cpu=45, thresholds=Thresholds(cpu_threshold=40))["cpu"]
    assert (judged.status, judged.threshold, judged.warning_threshold) == ("critical", 40, 40)


def test_whatever_is_not_healthy_says_what_to_do():
    judged = judge(cpu=90, memory=75, disk=None)
    assert [judged[name].action is not None for name in ("cpu", "memory", "disk", "error_rate")] == [True] * 3 + [False]


def test_since_moves_only_with_the_status():
    first = judge(cpu=60)
    same = judge(cpu=70, before=first, now=NOW + timedelta(minutes=1))
    worse = judge(cpu=85, before=same, now=NOW + timedelta(minutes=2))
    assert same["cpu"].since == NOW
    assert worse["cpu"].since == NOW + timedelta(minutes=2)


def test_the_whole_is_as_its_worst_part_and_unknown_is_never_healthy():
    assert overall([HealthStatus.HEALTHY, HealthStatus.WARNING]) is HealthStatus.WARNING
    assert overall([HealthStatus.HEALTHY, HealthStatus.UNKNOWN]) is HealthStatus.UNKNOWN
    assert overall([HealthStatus.CRITICAL, HealthStatus.UNKNOWN]) is HealthStatus.CRITICAL
    assert overall([]) is HealthStatus.UNKNOWN


def test_stale_components_withhold_their_figure():
    stale = unknown_since(judge(cpu=20), NOW)["cpu"]
    assert (stale.status, stale.figure, stale.since) == (HealthStatus.UNKNOWN, None, NOW)


def test_figures_of_requests_are_over_five_minutes_and_of_the_host_from_the_newest_minute():
    minute = NOW.replace(second=0)
    minutes = {
        minute - timedelta(minutes=ago): {
            series.CPU: single(10.0 * ago),
            series.REQUESTS: single(4),
            series.ERRORS: single(1),
        }
        for ago in range(1, 10)
    }
    found = figures_of(minutes, NOW)
    assert found[series.CPU].value == 10
    assert found[series.REQUESTS].value == 20
    assert found[ERROR_RATE].value == 25


def test_no_requests_is_idle_and_no_counting_is_missing():
    minute = NOW.replace(second=0)
    idle = figures_of({minute: {series.REQUESTS: single(0), series.ERRORS: single(0)}}, NOW)
    assert (idle[ERROR_RATE].value, idle[ERROR_RATE].idle) == (None, True)
    missing = figures_of({minute: {series.CPU: single(5)}}, NOW)
    assert (missing[ERROR_RATE].value, missing[ERROR_RATE].idle) == (None, False)


def test_without_requests_nothing_failed_and_no_rate_is_made_up():
    idle = {**figures(), ERROR_RATE: Figure(value=None, samples=0, measured_at=None, idle=True)}
    judged = components_of(idle, Thresholds(), before={}, now=NOW)["error_rate"]
    assert (judged.status, judged.figure, judged.action) == (HealthStatus.HEALTHY, None, None)


def test_a_gauge_of_more_than_three_minutes_ago_says_nothing_of_now():
    minute = NOW.replace(second=0)
    for ago, value in ((2, 70), (4, None)):
        minutes = {minute: {series.REQUESTS: single(1)}, minute - timedelta(minutes=ago): {series.CPU: single(70)}}
        assert figures_of(minutes, NOW)[series.CPU].value == value


def test_every_figure_is_taken():
    assert {*figures_of({}, NOW), COLLECTORS_FAILED} == set(NAMES)
