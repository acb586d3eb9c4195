"""Quotes and sentences held against a source."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from besunny.inference.generative.grounding import Source, distinct_spans

TEXT = (
    "Ana: The  bridge\nopens on 12 May.\tBudget: $48,500. Write to ana@bridge.example or see https://bridge.example/x."
)


@pytest.mark.parametrize("quote", ["The bridge opens on 12 May.", "bridge\n opens", "  Budget: $48,500. "])
def test_white_space_counts_as_equal_and_the_span_is_the_sources_own(quote):
    start, end = Source(TEXT).find(quote)
    assert TEXT[start:end].split() == quote.split()
    assert TEXT[start:end] == TEXT[start:end].strip()


@pytest.mark.parametrize(
    "quote",
    [
        "the bridge opens",
        "The bridge opens on 13 May.",
        "The bridge… opens",
        "“The bridge opens",
        "",
        " ",
        "The",
        "12 May",
    ],
)
def test_nothing_else_counts_as_equal_and_what_is_short_stands_everywhere(quote):
    assert Source(TEXT).find(quote) is None


def test_a_short_source_may_be_quoted_whole():
    assert Source(" Yes. ").find("Yes.") == (1, 5)
    assert Source("Yes. No.").find("Yes.") is None
    assert Source("No. Yes.").find("Yes.") is None
    assert Source("No. Yes. ").find("Yes.", 3) == (4, 8)
    assert Source("Yes. No.").find("Yes.", 0, 4) == (0, 4)


def test_a_quote_is_looked_for_where_the_engine_could_read_it():
    source = Source("alpha beta gamma / alpha beta gamma")
    assert source.find("alpha beta", 5) == (19, 29)
    assert source.find("alpha beta", 0, 8) is None


@given(st.text(alphabet="ab .\n\t'\"*+?()[]", min_size=1, max_size=60), st.data())
def test_whatever_is_cut_from_a_source_is_found_there(text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    piece = text[start:end]
    found = Source(text).find(piece)
    if sum(map(len, piece.split())) >= 8:
        assert found is not None
        assert text[slice(*found)].split() == piece.split()


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("The bridge opens on 12 May.", True),
        ("They open the bridge on 12 May", True),
        ("The bridge opens on 13 May.", False),
        ("The budget is $48,500.", True),
        ("The budget is $84,500.", False),
        ("According to Ana, the bridge opens.", True),
        ("According to Bob, the bridge opens.", False),
        ("Bob opens the bridge.", False),
        ("The bridge opens, see https://evil.example/x.", False),
        ("The bridge opens, see https://bridge.example/x.", True),
        ("Write to mallory@evil.example.", False),
        ("Completely unrelated gardening advice follows here.", False),
        ("", False),
    ],
)
def test_a_sentence_has_its_facts_and_most_words_from_the_source(sentence, told):
    assert Source(TEXT).tells(sentence) is told


def test_spans_that_overlap_are_told_once():
    assert distinct_spans([(5, 9), (0, 6), (9, 12)]) == [(5, 9), (9, 12)]
