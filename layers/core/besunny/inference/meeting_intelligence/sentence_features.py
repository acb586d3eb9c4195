"""What a sentence shows of its worth to a summary: place, length, words, speaker, meaning; one row of numbers each."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from besunny.inference.meeting_intelligence.lexicon import lexicon
from besunny.inference.meeting_intelligence.readable import is_sentence
from besunny.inference.meeting_intelligence.sentences import Sentence
from besunny.inference.meeting_intelligence.words import content_words, tokens

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

_CUES = lexicon("summary_cues")
_ADDRESS = frozenset(("i", "you", "i'm", "i'll", "i've", "you're", "my", "your"))
_GROUP = frozenset(("we", "our", "us", "we're", "we've", "we'll"))
_OUTSIDE = frozenset(("they", "it", "he", "she", "people", "user", "users", "customers", "their"))
_VERDICT = frozenset(("should", "will", "would", "could", "must", "need", "needs", "have", "want", "wants"))
_PAST = re.compile(r"\w{2,}ed\b|\b(?:was|were|had|did|made|found|said|got|took|went)\b")
_POINTING = frozenset(("this", "that", "it", "these", "those", "here", "there"))
_HANGING = lexicon("hanging")
_SHORT_WORDS = lexicon("short_words")
_SHORT = re.compile(r"(?<![\w'’.-])[a-z]{1,2}(?![\w'’.-])")
_AROUND = 10  # candidates on each side that are its neighbourhood
_LOCAL = 25


@dataclass(frozen=True, slots=True)
class Row:
    """A candidate sentence with its words and its content words."""

    sentence: Sentence
    words: tuple[str, ...]
    terms: tuple[str, ...]

    @classmethod
    def of(cls, sentence: Sentence) -> "Row":
        """The row of a sentence."""
        return cls(sentence, tuple(tokens(sentence.text)), tuple(content_words(sentence.text)))


def broken_words(row: Row) -> int:
    """How many of its words are none: one or two small letters that broke off."""
    return sum(word not in _SHORT_WORDS for word in _SHORT.findall(row.sentence.text))


def whole(row: Row) -> bool:
    """Whether it reads as a sentence: a verb, no broken words, and no last word that asks for another."""
    return not broken_words(row) and row.words[-1] not in _HANGING and is_sentence(row.sentence.text)


def hanging(row: Row) -> bool:
    """Whether it seems to have broken off: no stop at its end, or a last word that asks for another."""
    return row.words[-1] in _HANGING or row.sentence.raw[-1:] not in ".?!…"


def features(rows: Sequence[Row], spoken: Sequence[Sentence], vectors: "NDArray[float32]") -> "NDArray[float32]":
    """One row of features a candidate, float32[n, features]; each column by itself is comparable between meetings.

    Args:
        rows: the candidates, in order.
        spoken: all sentences of the meeting.
        vectors: of `rows`, float32[n, dimensions], L2 norm 1 each.
    """
    table = np.column_stack(
        [
            _places(rows, spoken),
            _lengths(rows),
            _wording(rows),
            _subjects(rows),
            _speakers(rows, spoken),
            _meaning(vectors),
        ]
    ).astype(np.float32)
    return np.asarray(np.column_stack([table, _ranks(table[:, _RANKED])]), dtype=np.float32)


# Columns whose rank within the meeting is a feature too.
_RANKED = [4, 9, 10, 28, 29, 30, 32, 41, 42, 43]


def _places(rows: Sequence[Row], spoken: Sequence[Sentence]) -> "NDArray[float32]":
    total = len(spoken)
    turns = [list(turn) for _, turn in groupby(spoken, key=lambda s: s.speaker)]
    size = [sum(len(s.text.split()) for s in turn) for turn in turns]
    place = {s.index: (number, at) for number, turn in enumerate(turns) for at, s in enumerate(turn)}
    found = []
    for row in rows:
        number, at = place[row.sentence.index]
        p = row.sentence.index / total
        after = size[number + 1] if number + 1 < len(size) else 0
        before = size[number - 1] if number else 0
        found.append(
            (
                p,
                (1 - p) ** 8,
                p**8,
                math.log1p(row.sentence.index),
                math.log1p(size[number]),
                at / len(turns[number]),
                at,
                math.log1p(before),
                math.log1p(after),
            )
        )
    return np.array(found, dtype=np.float32)


def _lengths(rows: Sequence[Row]) -> "NDArray[float32]":
    return np.array(
        [
            (
                len(row.words),
                len(row.terms),
                len(row.terms) / len(row.words),
                len(set(row.words)) / len(row.words),
                sum(map(len, row.words)) / len(row.words),
                len(row.words) / max(1, len(row.sentence.raw.split())),
            )
            for row in rows
        ],
        dtype=np.float32,
    )


def _wording(rows: Sequence[Row]) -> "NDArray[float32]":
    found = []
    for row in rows:
        size = len(row.words)
        text = row.sentence.text
        capitals = sum(w[:1].isupper() and w not in ("I", "I'm", "I'll", "I've") for w in text.split()[1:])
        found.append(
            (
                len(_CUES.intersection(row.words)) / (size + 8),
                sum(w in _ADDRESS for w in row.words) / size,
                sum(w in _GROUP for w in row.words) / size,
                sum(w in _OUTSIDE for w in row.words) / size,
                sum(w in _VERDICT for w in row.words) / size,
                sum(w in _POINTING for w in row.words) / size,
                len(_PAST.findall(text)) / size,
                text.endswith("?"),
                broken_words(row) / size,
                hanging(row),
                text.count(",") / size,
                capitals / size,
                sum(c.isdigit() for c in text) / len(text),
            )
        )
    return np.array(found, dtype=np.float32)


def _subjects(rows: Sequence[Row]) -> "NDArray[float32]":
    frequency = Counter(term for row in rows for term in set(row.terms))
    rarity = {term: math.log(1 + len(rows) / count) for term, count in frequency.items()}
    centre = {term: count * rarity[term] for term, count in frequency.items()}
    centre_norm = math.sqrt(sum(v * v for v in centre.values())) or 1.0
    pairs = Counter(pair for row in rows for pair in set(zip(row.words, row.words[1:], strict=False)))
    first: set[str] = set()
    found = []
    for at, row in enumerate(rows):
        size = len(row.words)
        distinct = sorted(set(row.terms))
        norm = math.sqrt(sum(rarity[t] ** 2 for t in distinct)) or 1.0
        shared = sum(math.log(1 + frequency[t]) for t in distinct if frequency[t] > 1)
        near = Counter(
            t for other in rows[max(0, at - _AROUND) : at + _AROUND + 1] if other is not row for t in set(other.terms)
        )
        local = sum(near[t] * rarity[t] for t in distinct)
        new = sum(t not in first and frequency[t] > 2 for t in distinct)
        first.update(distinct)
        found.append(
            (
                shared / (size + 8),
                shared,
                sum(centre[t] * rarity[t] for t in distinct) / centre_norm / norm,
                sum(rarity[t] for t in distinct) / (size + 8),
                local / (size + 8),
                new / (size + 8),
                max((frequency[t] for t in distinct), default=0) / len(rows),
                sum(math.log(pairs[p]) for p in zip(row.words, row.words[1:], strict=False)) / (size + 8),
                max((rarity[t] for t in distinct), default=0),
            )
        )
    return np.array(found, dtype=np.float32)


def _speakers(rows: Sequence[Row], spoken: Sequence[Sentence]) -> "NDArray[float32]":
    words: Counter[str] = Counter()
    for s in spoken:
        words[s.speaker] += len(s.text.split())
    total = sum(words.values()) or 1
    order = {name: rank for rank, (name, _) in enumerate(words.most_common())}
    opener = spoken[0].speaker
    return np.array(
        [
            (words[s.speaker] / total, order[s.speaker], s.speaker == opener, len(words))
            for s in (row.sentence for row in rows)
        ],
        dtype=np.float32,
    )


def _meaning(vectors: "NDArray[float32]") -> "NDArray[float32]":
    centre = vectors.mean(axis=0)
    to_centre = vectors @ (centre / (np.linalg.norm(centre) or 1.0))
    near = vectors @ vectors.T
    count = len(vectors)
    strong = ((near > 0.4).sum(axis=1) - 1) / count
    sums = np.vstack([np.zeros(vectors.shape[1], dtype=np.float32), np.cumsum(vectors, axis=0)])
    local = np.empty(count, dtype=np.float32)
    for at in range(count):
        a, b = max(0, at - _LOCAL), min(count, at + _LOCAL + 1)
        around = sums[b] - sums[a] - vectors[at]
        local[at] = vectors[at] @ around / (np.linalg.norm(around) or 1.0)
    np.fill_diagonal(near, 0)
    opening = vectors @ vectors[: max(1, count // 20)].mean(axis=0)
    columns = [to_centre, strong, local, near.max(axis=1), near.mean(axis=1), opening]
    return np.asarray(np.column_stack(columns), dtype=np.float32)


def _ranks(columns: "NDArray[float32]") -> "NDArray[float32]":
    places = np.argsort(np.argsort(columns, axis=0, kind="stable"), axis=0)
    return np.asarray(places / max(1, len(columns)), dtype=np.float32)
