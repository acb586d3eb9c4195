"""Chunks of any text: nothing left out, exact places, and ids that a later change leaves."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from besunny.inference.contracts.embeddings import Chunking
from besunny.inference.embeddings.chunks import chunk_id, cut
from besunny.inference.search.indexing import _byte_places
from tests.unit.inference.fake_engine import BagEngine

# Astral characters, joined emoji, marks that combine, right to left, both ends of line, and odd blanks.
ODD = [
    "👩‍👩‍👧‍👦",
    "🇩🇪",
    "e\u0301",
    "नि",
    "שלום",
    "\r\n",
    "\n\n",
    "\u2028",
    "\u00a0",
    "\t",
    "日本語。",
    "a.b",
    "…",
    "!?",
]
WORDS = st.one_of(st.sampled_from(ODD), st.text(min_size=1, max_size=6), st.sampled_from(["plain", "words"]))
# Whole paragraphs come again, so that chunks are alike, and some sentences are longer than any chunk.
SENTENCES = st.one_of(
    st.lists(WORDS, min_size=1, max_size=10).map(lambda words: " ".join(words) + ". "),
    st.integers(1, 60).map(lambda count: "Again " + "and again " * count + "it is said. "),
    st.just("One of five words here. " * 20),
)
TEXTS = st.lists(SENTENCES, min_size=1, max_size=12).map("".join).filter(str.strip)
CHUNKINGS = st.integers(16, 40).flatmap(
    lambda most: st.integers(0, most // 2).map(lambda overlap: Chunking(max_tokens=most, overlap=overlap))
)


def ids(text, chunking):
    return [chunk_id(text[w.start : w.end], w.start) for w in cut(text, chunking, BagEngine())]


@given(TEXTS, CHUNKINGS)
def test_chunks_span_all_that_is_not_white_and_none_is_too_long(text, chunking):
    found = cut(text, chunking, BagEngine())
    covered = {place for window in found for place in range(window.start, window.end)}
    assert not [character for place, character in enumerate(text) if place not in covered and not character.isspace()]
    assert all(0 <= window.start < window.end <= len(text) for window in found)
    assert all(window.tokens <= chunking.max_tokens for window in found)
    starts, ends = [window.start for window in found], [window.end for window in found]
    assert starts == sorted(set(starts))
    assert ends == sorted(set(ends))


@given(TEXTS, CHUNKINGS)
def test_chunks_share_only_what_overlap_allows(text, chunking):
    engine, found = BagEngine(), cut(text, chunking, BagEngine())
    for before, after in pairwise(found):
        shared = text[after.start : before.end] if after.start < before.end else ""
        assert engine.count_tokens([shared])[0] <= chunking.overlap


@given(TEXTS, CHUNKINGS)
def test_places_in_bytes_are_those_in_characters(text, chunking):
    encoded = text.encode()
    found = cut(text, chunking, BagEngine())
    in_bytes = _byte_places(text, {place for window in found for place in (window.start, window.end)})
    for window in found:
        assert encoded[in_bytes[window.start] : in_bytes[window.end]].decode() == text[window.start : window.end]


@given(TEXTS, TEXTS, TEXTS, CHUNKINGS)
def test_ids_before_a_change_stay_and_no_two_are_alike(same, one, other, chunking):
    before, after = f"{same}\n\n{one}", f"{same}\n\n{other}"
    untouched = ids(same, chunking)[:-1]
    assert ids(before, chunking)[: len(untouched)] == untouched == ids(after, chunking)[: len(untouched)]
    assert len(set(ids(before, chunking))) == len(ids(before, chunking))


@given(TEXTS, CHUNKINGS)
def test_the_same_text_has_the_same_ids(text, chunking):
    assert ids(text, chunking) == ids(text, chunking)
