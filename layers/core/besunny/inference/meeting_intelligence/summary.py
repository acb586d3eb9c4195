"""The gist, in sentences that were spoken: the most telling ones that do not repeat each other."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from besunny.inference.boosted_trees import BoostedTrees
from besunny.inference.engines.model_files import EmbeddedSettings, model_folder
from besunny.inference.engines.protocol import Engine
from besunny.inference.meeting_intelligence.informative import information
from besunny.inference.meeting_intelligence.sentence_features import Row, features, hanging, whole
from besunny.inference.meeting_intelligence.sentences import Sentence
from besunny.inference.meeting_intelligence.written_pairs import pair_features

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

MODEL, VERSION = "meeting-summary", "2"
FEWEST_WORDS = 6
MOST_EMBEDDED = 500  # sentences whose meaning is compared; of more, those of the most frequent words
POOL = 150  # candidates that are compared with each other: bounds the work on any length
_REPETITION = 2.2
# Off the score of a sentence that seems to have broken off, and of a question, which tells less than its answer.
_UNREADABLE, _ASKS = 0.3, 0.3
_SHORT = 60  # candidates, up to which what they tell is weighed too: the trees know long meetings
_FEWEST = 12  # candidates, below which sentences that broke off are kept
THE_SAME = 0.75  # of overlap, from which two sentences say the same


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that could stand in a summary; `score` has mean 0 and deviation near 1 over the meeting."""

    sentence: Sentence
    words: int
    terms: frozenset[str]
    score: float


def candidates(sentences: Sequence[Sentence], engine: Engine) -> list[Candidate]:
    """The sentences worth a summary, each wording once, in order; very short ones only where there is nothing else."""
    spoken = [sentence for sentence in sentences if sentence.text]
    rows = worth_reading(spoken)
    if not rows:
        return []
    vectors = engine.embed([row.sentence.text for row in rows])
    return scored(rows, _model().score(rows, features(rows, spoken, vectors), vectors))


def scored(rows: Sequence[Row], raw: "NDArray[float32]") -> list[Candidate]:
    """The candidates of these sentences, from what the trees say of each."""
    scores = (raw - raw.mean()) / (raw.std() + 1e-6)
    scores -= [_UNREADABLE * hanging(row) + _ASKS * row.sentence.text.endswith("?") for row in rows]
    if len(rows) <= _SHORT:
        scores += [information(row.sentence.text) for row in rows]
    return [
        Candidate(row.sentence, len(row.words), frozenset(row.terms), float(score))
        for row, score in zip(rows, scores, strict=True)
    ]


def worth_reading(spoken: Sequence[Sentence]) -> list[Row]:
    """At most `MOST_EMBEDDED` of the sentences, in order."""
    rows = [Row.of(sentence) for sentence in _distinct(spoken)]
    fewest = FEWEST_WORDS if any(len(row.words) >= FEWEST_WORDS for row in rows) else 1
    rows = [row for row in rows if len(row.words) >= fewest]
    readable = [row for row in rows if whole(row)]
    if len(readable) >= _FEWEST:
        rows = readable
    frequency = Counter(term for row in rows for term in set(row.terms))
    weights = [sum(math.log(frequency[t]) for t in set(row.terms)) / (len(row.words) + 8) for row in rows]
    kept = sorted(range(len(rows)), key=lambda i: (-weights[i], i))[:MOST_EMBEDDED]
    return [rows[i] for i in sorted(kept)]


def pick(found: Sequence[Candidate], *, words: int) -> list[Candidate]:
    """The best candidates that differ from each other, up to about `words` words, in the order they were spoken."""
    pool = sorted(found, key=lambda c: (-c.score, c.sentence.index))[:POOL]
    repeats = [0.0] * len(pool)
    left = set(range(len(pool)))
    chosen: list[int] = []
    length = 0
    while left and length < words:
        best = max(left, key=lambda i: (pool[i].score - _REPETITION * repeats[i], -i))
        left.remove(best)
        chosen.append(best)
        length += pool[best].words
        for i in left:
            repeats[i] = max(repeats[i], overlap(pool[i], pool[best]))
        left = {i for i in left if repeats[i] < THE_SAME}
    return sorted((pool[i] for i in chosen), key=lambda c: c.sentence.index)


def overlap(one: Candidate, other: Candidate) -> float:
    """How many of their words two candidates share, 0 to 1."""
    size = math.sqrt(len(one.terms) * len(other.terms))
    return len(one.terms & other.terms) / size if size else 0.0


def _distinct(sentences: Iterable[Sentence]) -> list[Sentence]:
    first: dict[str, Sentence] = {}
    for sentence in sentences:
        first.setdefault(sentence.text.lower(), sentence)
    return list(first.values())


@dataclass(frozen=True, slots=True, eq=False)
class _Model:
    """Trees over the features of a sentence, its wording, and the first principal components of its vector.

    Attributes:
        written: weights of pairs of words, as `pair_features` takes them.
        centre: the mean vector of the training sentences, float32[dimensions].
        axes: float32[dimensions, components].
    """

    trees: BoostedTrees
    written: Mapping[str, float]
    centre: "NDArray[float32]"
    axes: "NDArray[float32]"

    def score(self, rows: Sequence[Row], table: "NDArray[float32]", vectors: "NDArray[float32]") -> "NDArray[float32]":
        wording = pair_features(rows, self.written)
        return self.trees.predict(np.column_stack([table, wording, (vectors - self.centre) @ self.axes]))


@lru_cache
def _model() -> _Model:
    path = model_folder(EmbeddedSettings.from_environment(), MODEL, VERSION) / "trees.npz"
    with np.load(path, allow_pickle=False) as file:
        written = dict(zip(file["pairs"].tolist(), file["weights"].tolist(), strict=True))
        return _Model(BoostedTrees.load(path, "summary"), written, file["centre"], file["axes"])
