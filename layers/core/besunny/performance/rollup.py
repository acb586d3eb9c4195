"""Rollups: minutes into hours, hours into days; each computed whole from what is below it, so twice is as once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from besunny.clock import from_iso, to_iso
from besunny.performance.metric_store import (
    Period,
    Resolution,
    read_document,
    read_periods,
    write_document,
    write_periods,
)
from besunny.performance.points import merged_series

_NAME = "rollup"

LATE = timedelta(minutes=10)
"""A period is final this long after its end: late points have come by then."""

_MOST_PERIODS_A_RUN = 30
_STEPS = ((Resolution.MINUTE, Resolution.HOUR), (Resolution.HOUR, Resolution.DAY))


def roll_period(table: str, source: str, finer: Resolution, coarser: Resolution, start: datetime) -> bool:
    """Roll one source's one period up; returns whether there was something in it."""
    below = read_periods(table, finer, source, start, start + timedelta(seconds=coarser.seconds))
    period = Period(source, start, merged_series(p.points for p in below))
    return write_periods(table, coarser, [period]) == 1


def roll_up(table: str, sources: Mapping[str, datetime], now: datetime) -> dict[str, int]:
    """Roll up every period that became final since the last run, and the periods under way of what is active.

    What a stopped recorder left undone is taken up where it stopped, 30 periods a run.

    Args:
        table: the metrics table.
        sources: every source -> its newest minute with data.
        now: when.

    Returns:
        How many periods of each resolution were closed.
    """
    done = read_document(table, _NAME) or {}
    known, closed, marks = sorted(sources), {}, {}
    active = [source for source in known if sources[source] > now - LATE]
    ready = now - LATE
    for finer, coarser in _STEPS:
        length = timedelta(seconds=coarser.seconds)
        final = coarser.floor(ready)
        start = from_iso(done[coarser.name]) if coarser.name in done else final - length
        start = max(start, final - finer.lifetime)
        closed[coarser.name] = 0
        while start < final and closed[coarser.name] < _MOST_PERIODS_A_RUN:
            for source in known:
                roll_period(table, source, finer, coarser, start)
            start += length
            closed[coarser.name] += 1
        marks[coarser.name] = to_iso(start)
        # A day is final only once all its hours are.
        ready = min(ready, start)
        # Not final yet, but asked for: the period under way, and the one before while late points may come.
        for moment in {final, coarser.floor(now)}:
            for source in active:
                roll_period(table, source, finer, coarser, moment)
    write_document(table, _NAME, now, marks)
    return closed
