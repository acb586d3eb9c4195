"""Rollups: minutes into hours, hours into days; each computed whole from what is below it, so twice is as once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from besunny.clock import from_iso, to_iso
from besunny.observability.logs import logger
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

_STEPS = ((Resolution.MINUTE, Resolution.HOUR), (Resolution.HOUR, Resolution.DAY))


@dataclass(frozen=True)
class _Mark:
    """How far a resolution is closed: the first period that is not, and the last source that is done in it."""

    start: datetime
    after: str = ""


def roll_period(table: str, source: str, finer: Resolution, coarser: Resolution, start: datetime) -> bool:
    """Roll one source's one period up; returns whether there was something in it."""
    below = read_periods(table, finer, source, start, start + timedelta(seconds=coarser.seconds))
    period = Period(source, start, merged_series(p.points for p in below))
    return write_periods(table, coarser, [period]) == 1


def roll_up(
    table: str, sources: Mapping[str, datetime], now: datetime, *, has_time: Callable[[], bool]
) -> dict[str, int]:
    """Roll up the periods under way of what is active, then close every period that became final since the last run.

    Progress is written with each period that is closed, so what a run that was killed or ran out of time left undone is
    taken up by the next where it stopped, also in the middle of a period.

    Args:
        table: the metrics table.
        sources: every source -> its newest minute with data.
        now: when.
        has_time: asked before each source's period; once it says no, this run ends.

    Returns:
        How many periods of each resolution were closed.
    """
    closed = {coarser.name: 0 for _, coarser in _STEPS}
    if not _roll_what_is_under_way(table, sources, now, has_time):
        logger().warning("no time left to roll up every period under way", extra={"sources": len(sources)})
        return closed
    marks, ready = _read_marks(table), now - LATE
    for finer, coarser in _STEPS:
        final = coarser.floor(ready)
        mark = marks.get(coarser, _Mark(final - timedelta(seconds=coarser.seconds)))
        if mark.start < final - finer.lifetime:
            mark = _Mark(final - finer.lifetime)
        while mark.start < final and has_time():
            before, mark = mark, _close(table, sorted(sources), finer, coarser, mark, has_time=has_time)
            marks[coarser] = mark
            if not _write_marks(table, marks, now):
                return closed  # a later run has begun, and the rest is its business
            closed[coarser.name] += mark.start > before.start
        # A day is final only once all its hours are.
        ready = min(ready, mark.start)
    return closed


def _roll_what_is_under_way(
    table: str, sources: Mapping[str, datetime], now: datetime, has_time: Callable[[], bool]
) -> bool:
    """What is not final yet, but asked for: this period, and the one before while late points may come."""
    active = sorted(source for source, newest in sources.items() if newest > now - LATE)
    for finer, coarser in _STEPS:
        for source in active:
            for moment in sorted({coarser.floor(now - LATE), coarser.floor(now)}):
                if not has_time():
                    return False
                roll_period(table, source, finer, coarser, moment)
    return True


def _close(
    table: str, sources: list[str], finer: Resolution, coarser: Resolution, mark: _Mark, *, has_time: Callable[[], bool]
) -> _Mark:
    """Close the period at the mark; the mark after it, or in it where time ended."""
    after = mark.after
    for source in sources:
        if source <= after:
            continue
        if not has_time():
            return _Mark(mark.start, after)
        roll_period(table, source, finer, coarser, mark.start)
        after = source
    return _Mark(mark.start + timedelta(seconds=coarser.seconds))


def _read_marks(table: str) -> dict[Resolution, _Mark]:
    stored = read_document(table, _NAME) or {}
    return {
        coarser: _Mark(from_iso(stored[coarser.name]), stored.get(f"{coarser.name}_after", ""))
        for _, coarser in _STEPS
        if coarser.name in stored
    }


def _write_marks(table: str, marks: Mapping[Resolution, _Mark], now: datetime) -> bool:
    """Write how far it came, unless a later run wrote; returns whether it did."""
    starts = {coarser.name: to_iso(mark.start) for coarser, mark in marks.items()}
    return write_document(table, _NAME, now, starts | {f"{c.name}_after": mark.after for c, mark in marks.items()})
