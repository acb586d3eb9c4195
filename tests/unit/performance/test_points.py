"""Points merge without loss, and a distribution drawn from percentiles is exact where it is known."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from besunny.performance.points import Point, from_text, merged, merged_series, single, to_text, with_distribution

SAMPLES = st.lists(st.floats(min_value=0, max_value=1e6), min_size=1, max_size=50)


def linear_quantile(values, q):
    ordered, rank = sorted(values), q * (len(values) - 1)
    low = int(rank)
    return ordered[low] + (ordered[min(low + 1, len(ordered) - 1)] - ordered[low]) * (rank - low)


@given(st.lists(SAMPLES, min_size=1, max_size=6))
def test_merging_hours_of_minutes_is_merging_all_minutes(groups):
    flat = merged(single(value) for group in groups for value in group)
    nested = merged(merged(single(value) for value in group) for group in groups)
    assert (nested.count, nested.low, nested.high) == (flat.count, flat.low, flat.high)
    assert nested.total == pytest.approx(flat.total)
    assert nested.sketch.to_stored() == flat.sketch.to_stored()


@given(SAMPLES)
def test_a_quantile_is_never_outside_what_was_seen(values):
    point = merged(map(single, values))
    for q in (0, 0.5, 0.95, 1):
        assert point.low <= point.quantile(q) <= point.high


def test_one_part_without_distribution_makes_the_whole_unknown():
    assert merged([single(1), Point(count=2, total=4, low=1, high=3)]).quantile(0.5) is None


def test_nothing_cannot_be_merged():
    with pytest.raises(ValueError, match="nothing"):
        merged([])


@given(SAMPLES)
def test_points_are_read_back_as_they_were_written(values):
    points = {"a": merged(map(single, values)), "b": Point(3, 6.5, 1.0, 4.0)}
    again = from_text(to_text(points))
    assert to_text(again) == to_text(points)
    assert again["b"] == points["b"]


@given(st.lists(st.floats(min_value=0.1, max_value=1e5), min_size=30, max_size=400))
def test_a_drawn_distribution_is_right_at_the_percentiles_that_cloudwatch_gave(values):
    knots = {q: linear_quantile(values, q) for q in (0.5, 0.9, 0.95, 0.99)}
    plain = Point(len(values), sum(values), min(values), max(values))
    drawn = with_distribution(plain, knots)
    assert drawn.sketch.count == len(values)
    for q in (0.5, 0.95):
        # Between two ranks the sketch gives the lower one: the bound is the neighbours at the drawn ranks.
        step = 1 / (min(len(values), 200) - 1)
        low, high = (linear_quantile_of(knots, plain, min(max(q + d, 0), 1)) for d in (-step, step))
        assert low * 0.989 <= drawn.quantile(q) <= high * 1.011


def linear_quantile_of(knots, point, q):
    known = [(0.0, point.low), *sorted(knots.items()), (1.0, point.high)]
    (q0, v0), (q1, v1) = next(pair for pair in pairwise(known) if q <= pair[1][0])
    return v0 * (v1 / v0) ** ((q - q0) / (q1 - q0))


def test_two_samples_are_known_without_percentiles():
    drawn = with_distribution(Point(2, 40, 10, 30), {})
    assert drawn.quantile(0) == pytest.approx(10, rel=0.01)
    assert drawn.quantile(1) == pytest.approx(30, rel=0.01)


def test_series_merge_each_by_its_name():
    whole = merged_series([{"a": single(1)}, {"a": single(3), "b": single(5)}])
    assert (whole["a"].average, whole["b"].average) == (2, 5)
