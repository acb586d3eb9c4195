"""Passages become windows of tokens: all tokens once, in order, and a passage whole where it fits."""

from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from besunny.inference.text.token_windows import LONGEST, windows

PASSAGES = st.lists(st.lists(st.integers(1, 999), max_size=300), max_size=12)


@given(PASSAGES, st.integers(1, LONGEST))
def test_each_token_stands_in_one_window_in_order(passages: list[list[int]], first: int) -> None:
    found = windows(passages, first)
    assert list(chain.from_iterable(window.ids for window in found)) == list(chain.from_iterable(passages))
    owners = [owner for owner, tokens in enumerate(passages) for _ in tokens]
    assert list(chain.from_iterable(window.owners for window in found)) == owners
    assert all(0 < len(window.ids) <= LONGEST for window in found)


def test_a_passage_is_not_cut_where_the_window_before_is_full_enough() -> None:
    found = windows([[1] * 80, [2] * 80, [3] * 20])
    assert [window.owners for window in found] == [(0,) * 80, (1,) * 80 + (2,) * 20]


def test_a_long_passage_is_read_in_parts() -> None:
    assert [len(window.ids) for window in windows([[1] * 300])] == [126, 126, 48]
