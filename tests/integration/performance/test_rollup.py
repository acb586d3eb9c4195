"""Rollups after a stop: all is taken up where it stopped, within the time there is, and nothing is closed too early."""

from datetime import UTC, datetime, timedelta

import pytest

from besunny.performance import rollup
from besunny.performance.metric_store import Period, Resolution, read_periods, write_periods
from besunny.performance.points import single
from besunny.performance.rollup import roll_up

TABLE = "demo-MetricsTable"
DAY = datetime(2026, 3, 1, tzinfo=UTC)
SOURCE = "function/demo-Create"
SOURCES = [f"function/demo-{n}" for n in range(7)]


def write_minutes(start, hours, source=SOURCE):
    """One minute with data in each hour."""
    periods = [Period(source, start + timedelta(hours=n, minutes=5), {"x": single(1.0)}) for n in range(hours)]
    write_periods(TABLE, Resolution.MINUTE, periods)


def run(seen, now, *, times=10_000):
    """One run, with time for so many periods of a source."""
    left = iter(range(times))
    return roll_up(TABLE, seen, now, has_time=lambda: next(left, None) is not None)


def days(source=SOURCE):
    found = read_periods(TABLE, Resolution.DAY, source, DAY, DAY + timedelta(days=5))
    return {period.start.day: period.points["x"].total for period in found}


def hours(source):
    found = read_periods(TABLE, Resolution.HOUR, source, DAY, DAY + timedelta(days=1))
    return [period.start.hour for period in found]


def test_a_stop_of_two_days_is_taken_up_at_once_where_there_is_time():
    seen = {SOURCE: DAY}
    run(seen, DAY + timedelta(minutes=30))
    write_minutes(DAY, 53)
    now = DAY + timedelta(hours=53, minutes=1)
    assert run(seen, now) == {"HOUR": 52, "DAY": 2}
    assert days() == {1: 24, 2: 24}
    assert run(seen, now) == {"HOUR": 0, "DAY": 0}


def test_a_run_ends_with_its_time_and_the_next_goes_on():
    seen = dict.fromkeys([SOURCE], DAY)
    run(seen, DAY + timedelta(minutes=30))
    write_minutes(DAY, 53)
    now = DAY + timedelta(hours=53, minutes=1)
    # Time is asked for twice a period of one source: before the period, and before the source.
    assert run(seen, now, times=60) == {"HOUR": 30, "DAY": 0}
    assert days() == {}
    assert run(seen, now, times=60) == {"HOUR": 22, "DAY": 2}
    assert days() == {1: 24, 2: 24}


def test_more_sources_than_one_run_has_time_for_are_closed_by_several():
    seen = dict.fromkeys(SOURCES, DAY)
    run(seen, DAY + timedelta(minutes=30))
    for source in SOURCES:
        write_minutes(DAY, 2, source)
    now = DAY + timedelta(hours=2, minutes=20)
    done = [run(seen, now, times=4)["HOUR"] for _ in range(6)]
    assert [hours(source) for source in SOURCES] == [[0, 1]] * len(SOURCES)
    assert sum(done) == 2


def test_a_run_that_was_killed_is_taken_up_where_it_stopped(monkeypatch):
    seen = {SOURCE: DAY}
    run(seen, DAY + timedelta(minutes=30))
    write_minutes(DAY, 20)
    now = DAY + timedelta(hours=20, minutes=20)
    rolled = []

    def killed(table, source, finer, coarser, start):
        if len(rolled) == 12:
            raise KeyboardInterrupt
        rolled.append(start)
        return real(table, source, finer, coarser, start)

    real = rollup.roll_period
    with monkeypatch.context() as patched:
        patched.setattr(rollup, "roll_period", killed)
        with pytest.raises(KeyboardInterrupt):
            run(seen, now)
    assert run(seen, now)["HOUR"] == 20 - 12
    assert hours(SOURCE) == list(range(20))


def test_a_run_that_is_overtaken_stops_and_takes_nothing_back(monkeypatch):
    seen = {SOURCE: DAY}
    run(seen, DAY + timedelta(minutes=30))
    write_minutes(DAY, 20)
    slow, fast = DAY + timedelta(hours=20, minutes=20), DAY + timedelta(hours=20, minutes=21)

    real = rollup.roll_period

    def overtaken(*period):
        monkeypatch.setattr(rollup, "roll_period", real)
        assert run(seen, fast)["HOUR"] == 20
        return real(*period)

    monkeypatch.setattr(rollup, "roll_period", overtaken)
    assert run(seen, slow) == {"HOUR": 0, "DAY": 0}
    assert run(seen, fast) == {"HOUR": 0, "DAY": 0}


def test_late_minutes_change_the_hour_until_it_is_final():
    seen = {SOURCE: DAY + timedelta(hours=1)}
    write_minutes(DAY, 1)
    run(seen, DAY + timedelta(minutes=59))
    late = Period(SOURCE, DAY + timedelta(minutes=58), {"x": single(1.0)})
    write_periods(TABLE, Resolution.MINUTE, [late])
    run(seen, DAY + timedelta(hours=1, minutes=5))
    found = read_periods(TABLE, Resolution.HOUR, SOURCE, DAY, DAY + timedelta(hours=1))
    assert found[0].points["x"].total == 2


def test_what_is_asked_for_now_comes_before_what_a_stop_left():
    now = DAY + timedelta(hours=30, minutes=30)
    run({SOURCE: DAY}, DAY + timedelta(minutes=30))
    write_minutes(DAY, 31)
    assert run({SOURCE: now}, now, times=2) == {"HOUR": 0, "DAY": 0}
    assert days() == {2: 1}
