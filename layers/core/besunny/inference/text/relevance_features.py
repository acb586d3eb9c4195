"""What speaks for a passage as the answer to a question: words and meaning, of itself and of its neighbours.

Words are weighed by BM25 (Robertson and Zaragoza 2009), meaning by the cosine of vectors.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from besunny.inference.text.words import STOPWORDS, stem, words

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

_K1, _B = 1.2, 0.6
_WINDOWS = (1, 3, 8, 20)  # passages on each side
# Words that ask, and tell nothing of what is asked about.
_ASKING = frozenset(
    """agree agreed conclude concluded conclusion decide decided describe description detail discuss discussed
    discussion explain idea introduce introduced issue main meeting mention mentioned opinion overview point
    presentation reason regarding said summarise summarize summary team think thought topic view participants
    attitude""".split()  # noqa: SIM905
)
# A first blend of the strengths, by which the crowds are found: BM25 alone and over 8 passages, the cosines alone and
# over 8, the best sentences.
_FIRST = np.zeros(22, dtype=np.float32)
_FIRST[[0, 6, 10, 13, 15, 20, 21]] = 0.7, 0.7, 1, 0.7, 0.7, 1, 0.7
_CROWDS = (2, 5, 10, 20)


@dataclass(frozen=True, slots=True)
class Question:
    """A question taken apart.

    Attributes:
        text: as it was asked.
        subject: its telling words, without those that ask and without speakers' names.
        terms: the stems of `subject`.
        speakers: of the passages' speakers, those that it names.
    """

    text: str
    subject: str
    terms: tuple[str, ...]
    speakers: frozenset[str]

    @classmethod
    def of(cls, text: str, speakers: Sequence[str]) -> "Question":
        """The parts of a question about passages of these speakers."""
        said = [word for word, _, _ in words(text)]
        named = {name for name in set(speakers) if name and _names(name, said)}
        names = {word for name in named for word, _, _ in words(name)}
        telling = [w for w in said if w not in STOPWORDS and w not in _ASKING and w not in names and len(w) > 1]
        subject = telling or [w for w in said if w not in STOPWORDS] or said
        return cls(text, " ".join(subject), tuple(dict.fromkeys(map(stem, subject))), frozenset(named))


def _names(name: str, said: Sequence[str]) -> bool:
    parts = [word for word, _, _ in words(name)]
    if not parts:
        return False
    whole = any(said[at : at + len(parts)] == parts for at in range(len(said) - len(parts) + 1))
    return whole or any(len(part) > 3 and part in said and part not in STOPWORDS for part in parts)


@dataclass(frozen=True, slots=True, eq=False)
class Passages:
    """Passages in order, each of some sentences, made ready to be asked about.

    Attributes:
        stems: of the words of each passage.
        sizes: how many words each has.
        sentences: vectors of all sentences, float32[m, dimensions], L2 norm 1 each.
        owner: the passage of each sentence, int[m].
        vectors: of the passages: the mean of their sentences' by the logarithm of their words, L2 norm 1 each.
        speakers: of each passage; empty strings where nobody speaks.
        asks: 1 where a passage ends as a question.
    """

    stems: tuple[tuple[str, ...], ...]
    sizes: "NDArray[float32]"
    sentences: "NDArray[float32]"
    owner: "NDArray[Any]"
    vectors: "NDArray[float32]"
    speakers: tuple[str, ...]
    asks: "NDArray[float32]"

    @classmethod
    def of(cls, parts: Sequence[Sequence[str]], vectors: "NDArray[float32]", speakers: Sequence[str]) -> "Passages":
        """Passages of these sentences; `vectors` holds theirs, one after the other."""
        stems = tuple(tuple(stem(word) for text in own for word, _, _ in words(text)) for own in parts)
        owner = np.array([at for at, own in enumerate(parts) for _ in own], dtype=np.intp)
        weight = np.log1p([len(text.split()) for own in parts for text in own]).astype(np.float32)
        mean = np.zeros((len(parts), vectors.shape[1]), dtype=np.float32)
        np.add.at(mean, owner, vectors * weight[:, None])
        mean /= np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-6)
        asks = np.array([bool(own) and own[-1].endswith("?") for own in parts], dtype=np.float32)
        sizes = np.array([len(own) for own in stems], dtype=np.float32)
        return cls(stems, sizes, vectors, owner, mean, tuple(speakers), asks)

    def best_sentence(self, vector: "NDArray[float32]") -> "NDArray[float32]":
        """The cosine of each passage's nearest sentence, float32[n]; 0 where it has none."""
        nearest = np.full(len(self.stems), -1, dtype=np.float32)
        np.maximum.at(nearest, self.owner, self.sentences @ vector)
        return np.where(nearest > -1, nearest, 0)


def signals(
    question: Question, passages: Passages, asked: "NDArray[float32]", subject: "NDArray[float32]"
) -> "tuple[NDArray[float32], NDArray[float32]]":
    """What speaks for each passage, beside the others and by itself.

    Args:
        asked: the vector of `question.text`.
        subject: the vector of `question.subject`.

    Returns:
        float32[n, signals] whose columns are standardised over the passages where they are strengths, so that they
        rank; and float32[n, 3] of strengths as they are, which tell whether anything speaks of the question at all.
    """
    sums = _Sums(len(passages.stems))
    hits, rarity = _hits(question, passages)
    covered = _covered(sums.around(hits, 1), rarity)
    weighted = passages.vectors * np.log1p(passages.sizes)[:, None]
    strengths = [_bm25(hits, passages.sizes, rarity), _covered(hits, rarity)]
    for reach in _WINDOWS:
        near = sums.around(hits, reach)
        strengths += [_bm25(near, sums.around(passages.sizes, reach), rarity), _covered(near, rarity)]
    for vector in (asked, subject):
        strengths.append(passages.vectors @ vector)
        for reach in _WINDOWS:
            near = sums.around(weighted, reach)
            strengths.append(near @ vector / np.maximum(np.linalg.norm(near, axis=1), 1e-6))
    best = [passages.best_sentence(vector) for vector in (asked, subject)]
    columns = standardised(np.column_stack([*strengths, *best]))
    speaks = np.array([name in question.speakers for name in passages.speakers], dtype=np.float32)
    length = np.log1p(passages.sizes)
    first = columns @ _FIRST + 3 * speaks + length / 2
    crowd = np.exp((first - first.max()) / 2)
    crowds = [np.log(sums.around(crowd / crowd.sum(), reach) + 1e-4) for reach in _CROWDS]
    leaders = passages.vectors[np.argsort(-first, kind="stable")[:3]].mean(axis=0) + asked
    like = passages.vectors @ (leaders / np.linalg.norm(leaders))
    around = sums.around(speaks * passages.sizes, 3) / np.maximum(sums.around(passages.sizes, 3), 1)
    others: list[NDArray[Any]] = [speaks, around, length, length**2 / 5, passages.asks]
    table = np.column_stack([columns, standardised(np.column_stack([*crowds, like])), *others])
    return np.asarray(table, dtype=np.float32), np.column_stack([*best, covered]).astype(np.float32)


def standardised(columns: "NDArray[float32]") -> "NDArray[float32]":
    """Columns of mean 0 and deviation 1 over the passages; 0 where all are alike."""
    return np.asarray((columns - columns.mean(axis=0)) / (columns.std(axis=0) + 1e-6), dtype=np.float32)


def _hits(question: Question, passages: Passages) -> "tuple[NDArray[float32], NDArray[float32]]":
    """How often each passage holds each term of the question, and how rare the terms are."""
    hits = np.zeros((len(passages.stems), len(question.terms)), dtype=np.float32)
    places = {term: at for at, term in enumerate(question.terms)}
    for row, stems in enumerate(passages.stems):
        for term in stems:
            if term in places:
                hits[row, places[term]] += 1
    rarity = np.log(1 + (len(hits) + 0.5) / ((hits > 0).sum(axis=0) + 0.5))
    return hits, np.asarray(rarity, dtype=np.float32)


class _Sums:
    """Sums over windows of passages."""

    def __init__(self, count: int) -> None:
        self._places = np.arange(count)
        self._count = count

    def around(self, values: "NDArray[float32]", reach: int) -> "NDArray[float32]":
        total = np.concatenate(
            [np.zeros_like(values[:1], dtype=np.float64), np.cumsum(values, axis=0, dtype=np.float64)]
        )
        high = np.minimum(self._places + reach + 1, self._count)
        return np.asarray(total[high] - total[np.maximum(self._places - reach, 0)], dtype=np.float32)


def _bm25(hits: "NDArray[float32]", sizes: "NDArray[float32]", rarity: "NDArray[float32]") -> "NDArray[float32]":
    norm = _K1 * (1 - _B + _B * sizes / (sizes.mean() or 1.0))
    return np.asarray((hits * (_K1 + 1) / (hits + norm[:, None] + 1e-6)) @ rarity, dtype=np.float32)


def _covered(hits: "NDArray[float32]", rarity: "NDArray[float32]") -> "NDArray[float32]":
    return np.asarray((hits > 0) @ rarity / max(float(rarity.sum()), 1e-6), dtype=np.float32)
