"""A long source in parts."""

from hypothesis import given
from hypothesis import strategies as st

from besunny.inference.generative.parts import cut, grouped, parts_of, room_for_text, spread


@given(st.text(alphabet="ab. \né漢", max_size=400), st.integers(8, 80))
def test_parts_are_the_whole_text_and_each_fits(text, most):
    parts = parts_of(text, most)
    assert "".join(text[start:end] for start, end in parts) == text
    assert all(len(text[start:end].encode()) <= most for start, end in parts)


def test_a_part_ends_with_a_line_or_a_sentence_where_one_ends_near():
    text = "One two three four. Five six seven eight nine ten eleven"
    assert next(text[s:e] for s, e in parts_of(text, 24)) == "One two three four. "
    lines = "Ana: one two three\nBob: four five six seven"
    assert next(lines[s:e] for s, e in parts_of(lines, 22)) == "Ana: one two three\n"


@given(st.lists(st.integers(0, 50), max_size=40), st.integers(1, 100))
def test_groups_hold_everything_once_and_fit(sizes, most):
    groups = grouped(sizes, most)
    assert [index for group in groups for index in group] == list(range(len(sizes)))
    assert all(sum(sizes[i] for i in group) <= most or len(group) == 1 for group in groups)


@given(st.integers(0, 500), st.integers(1, 20))
def test_a_choice_of_places_is_spread_from_the_first_to_the_last(count, most):
    places = spread(count, most)
    assert len(places) == min(count, most)
    assert places == sorted(set(places))
    if count and most > 1:
        assert (places[0], places[-1]) == (0, count - 1)


def test_prompt_and_output_leave_room():
    assert room_for_text(8192, 1500) == (8192 - 1500 - 900) * 3
    assert room_for_text(1300, 200) == 600


@given(st.text(alphabet="ab é漢", max_size=80), st.integers(4, 60))
def test_what_is_cut_fits_and_is_the_beginning(text, most):
    kept = cut(text, most)
    assert text.startswith(kept)
    assert len(kept.encode()) <= most
    assert kept == text or len(kept.encode()) > most - 3
