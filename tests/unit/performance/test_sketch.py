"""The sketch: within 1%, and merging is the same as having seen all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from besunny.performance.sketch import RELATIVE_ACCURACY, Sketch

VALUES = st.lists(st.one_of(st.just(0.0), st.floats(min_value=1e-6, max_value=1e12)), min_size=1, max_size=300)
QUANTILES = st.sampled_from([0.0, 0.01, 0.5, 0.9, 0.95, 0.99, 1.0])


def sketch_of(values):
    sketch = Sketch()
    for value in values:
        sketch.add(value)
    return sketch


@given(VALUES, QUANTILES)
def test_a_quantile_is_within_one_percent_of_the_true_one(values, q):
    true = sorted(values)[int(q * (len(values) - 1))]
    assert sketch_of(values).quantile(q) == pytest.approx(true, rel=RELATIVE_ACCURACY + 1e-9)


@given(st.lists(VALUES, min_size=1, max_size=5))
def test_a_merge_is_the_sketch_of_all_values(parts):
    merged = Sketch.merged(sketch_of(part) for part in parts)
    assert merged.to_stored() == sketch_of([value for part in parts for value in part]).to_stored()
    assert merged.count == sum(map(len, parts))


@given(VALUES, VALUES)
def test_the_order_of_a_merge_does_not_matter(a, b):
    one, other = sketch_of(a), sketch_of(b)
    assert Sketch.merged([one, other]).to_stored() == Sketch.merged([other, one]).to_stored()


@given(VALUES)
def test_it_is_read_back_as_it_was_stored(values):
    sketch = sketch_of(values)
    assert Sketch.from_stored(sketch.to_stored()).to_stored() == sketch.to_stored()


def test_merging_leaves_the_parts_alone():
    part = sketch_of([1, 2])
    Sketch.merged([part, sketch_of([3])]).add(4)
    assert part.count == 2


def test_an_empty_sketch_has_no_quantile():
    assert Sketch().quantile(0.5) is None


@pytest.mark.parametrize(("value", "times"), [(-1, 1), (float("nan"), 1), (float("inf"), 1), (1, 0)])
def test_what_it_cannot_hold_is_refused(value, times):
    with pytest.raises(ValueError, match="finite values >= 0"):
        Sketch().add(value, times)
