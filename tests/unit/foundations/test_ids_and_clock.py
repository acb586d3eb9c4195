"""Ids sort by time, times sort as text, and cursors return what went in."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from besunny.api.pagination import decode_cursor, encode_cursor
from besunny.api.prefer import wait_seconds
from besunny.aws.dynamo import from_item, to_item
from besunny.clock import from_iso, to_iso
from besunny.errors import InvalidInputError
from besunny.ids import is_id, new_id

moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@given(moments, st.integers(1, 10**6))
def test_a_later_id_sorts_later(moment, milliseconds):
    later = moment + timedelta(milliseconds=milliseconds)
    assert new_id(moment) < new_id(later)
    assert is_id(new_id(moment))


@pytest.mark.parametrize("text", ["", "x", "../etc", "0190163d-8694-739b-aea5-966c26f8ad9", "{0190163d}"])
def test_nonsense_is_no_id(text):
    assert not is_id(text)


@given(moments, moments)
def test_times_as_text_sort_as_times(one, other):
    one, other = (m.replace(microsecond=m.microsecond // 1000 * 1000) for m in (one, other))
    assert (to_iso(one) < to_iso(other)) == (one < other)
    assert from_iso(to_iso(one)) == one


@given(st.dictionaries(st.text(), st.text() | st.integers()))
def test_a_cursor_gives_back_its_position(position):
    assert decode_cursor(encode_cursor(position)) == position


@pytest.mark.parametrize("cursor", ["", "x", "%%%", "bnVsbA", "WzFd"])
def test_a_cursor_of_somebody_else_is_refused(cursor):
    with pytest.raises(InvalidInputError, match="cursor"):
        decode_cursor(cursor)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, 0),
        ("", 0),
        ("wait=5", 5),
        ("respond-async, wait=10", 10),
        ("wait=99999", 25),
        ("WAIT = 3", 3),
        ("await=5", 0),
        ("wait=soon", 0),
        ("wait=-1", 0),
    ],
)
def test_prefer_wait(header, seconds):
    assert wait_seconds(header) == seconds


values = st.recursive(
    st.text() | st.booleans() | st.integers(-(10**15), 10**15) | st.floats(-1e9, 1e9).map(lambda x: round(x, 9)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(min_size=1), values, max_size=4))
def test_an_item_comes_back_as_it_went(item):
    assert from_item(to_item(item)) == item
