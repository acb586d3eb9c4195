"""Rollups after a long stop: everything is taken up where it stopped, and nothing is closed too early."""

from datetime import UTC, datetime, timedelta

from besunny.performance.metric_store import Period, Resolution, read_periods, write_periods
from besunny.performance.points import single
from besunny.performance.rollup import roll_up

TABLE = "demo-MetricsTable"
DAY = datetime(2026, 3, 1, tzinfo=UTC)
SOURCE = "function/demo-Create"


def write_minutes(start, hours):
    """One minute with data in each hour."""
    periods = [Period(SOURCE, start + timedelta(hours=n, minutes=5), {"x": single(1.0)}) for n in range(hours)]
    write_periods(TABLE, Resolution.MINUTE, periods)


def days():
    found = read_periods(TABLE, Resolution.DAY, SOURCE, DAY, DAY + timedelta(days=5))
    return {period.start.day: period.points["x"].total for period in found}


def test_a_stop_of_two_days_is_taken_up_in_a_few_runs():
    seen = {SOURCE: DAY}
    roll_up(TABLE, seen, DAY + timedelta(minutes=30))
    write_minutes(DAY, 53)
    now = DAY + timedelta(hours=53, minutes=1)
    assert roll_up(TABLE, seen, now) == {"HOUR": 30, "DAY": 1}
    assert days() == {1: 24}
    assert roll_up(TABLE, seen, now) == {"HOUR": 22, "DAY": 1}
    assert days() == {1: 24, 2: 24}
    assert roll_up(TABLE, seen, now) == {"HOUR": 0, "DAY": 0}
    assert days() == {1: 24, 2: 24}


def test_late_minutes_change_the_hour_until_it_is_final():
    seen = {SOURCE: DAY + timedelta(hours=1)}
    write_minutes(DAY, 1)
    roll_up(TABLE, seen, DAY + timedelta(minutes=59))
    write_periods(TABLE, Resolution.MINUTE, [Period(SOURCE, DAY + timedelta(minutes=58), {"x": single(1.0)})])
    roll_up(TABLE, seen, DAY + timedelta(hours=1, minutes=5))
    found = read_periods(TABLE, Resolution.HOUR, SOURCE, DAY, DAY + timedelta(hours=1))
    assert found[0].points["x"].total == 2
