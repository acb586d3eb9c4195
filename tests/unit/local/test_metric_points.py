"""Merging old metric points changes what is stored, not what it says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.emulator.metric_points import KEPT_SECONDS, RECENT_SECONDS, compact

NOW = 1_800_000_000.0
values = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(0.001, 1e6))
ages = st.floats(0, KEPT_SECONDS - 1)


def point(age: float, value: float, **more: Any) -> dict[str, Any]:
    return {"Timestamp": NOW - age, "Value": value, "Unit": "Count", "Dimensions": {}, **more}


def totals(points: list[dict[str, Any]]) -> tuple[float, float]:
    counts = [p.get("Count", 1.0) for p in points]
    return sum(counts), sum(p["Value"] * count for p, count in zip(points, counts, strict=True))


@given(st.lists(st.builds(point, ages, values), max_size=60))
def test_counts_stay_and_sums_stay_within_half_a_percent(points: list[dict[str, Any]]) -> None:
    once = compact(points, NOW)
    assert totals(once)[0] == len(points)
    assert totals(once)[1] == pytest.approx(totals(points)[1], rel=0.005)
    assert totals(compact(once, NOW)) == pytest.approx(totals(once))


def test_a_minute_of_ones_becomes_one_point_and_recent_ones_stay_as_they_are() -> None:
    old = [point(RECENT_SECONDS + 60, 1.0) for _ in range(500)]
    recent = [point(1, 1.0) for _ in range(3)]
    merged = compact([*old, *recent], NOW)
    assert len(merged) == 4
    assert merged[1:] == recent


def test_what_is_too_old_goes_and_a_statistic_set_is_left_alone() -> None:
    gone = point(KEPT_SECONDS + 1, 1.0)
    statistics = point(1000, 2.0, _stat={"SampleCount": 4, "Sum": 8, "Minimum": 1, "Maximum": 3})
    assert compact([gone, statistics], NOW) == [statistics]
