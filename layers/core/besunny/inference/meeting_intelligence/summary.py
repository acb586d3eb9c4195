"""The gist, in sentences that were spoken: the most telling ones that do not repeat each other."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from besunny.inference.meeting_intelligence.lexicon import lexicon
from besunny.inference.meeting_intelligence.sentences import Sentence
from besunny.inference.meeting_intelligence.words import content_words, tokens

FEWEST_WORDS = 6
POOL = 150  # candidates that are compared with each other: bounds the work on any length
_CUES = lexicon("summary_cues")

_ADDRESS = frozenset(("i", "you"))
_GROUP = frozenset(("we", "our", "us"))

# Rounded from a least-squares fit of these features (z-scored per meeting) to how much of a person's summary each
# sentence holds, over the training meetings of QMSum (Yale-LILY, MIT). Order as in `_features`.
_WEIGHTS = (0.5, -0.3, 0.2, 0.1, 0.06, 0.07, -0.17, -0.09, -0.09)
_REPETITION = 1.2
THE_SAME = 0.75  # of overlap, from which two sentences say the same


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that could stand in a summary; `score` has mean 0 and deviation near 1 over the meeting."""

    sentence: Sentence
    words: int
    terms: frozenset[str]
    score: float


def candidates(sentences: Sequence[Sentence]) -> list[Candidate]:
    """The sentences worth a summary, each wording once, in order; very short ones only where there is nothing else."""
    split = [(sentence, tokens(sentence.text)) for sentence in _distinct(sentences)]
    fewest = FEWEST_WORDS if any(len(words) >= FEWEST_WORDS for _, words in split) else 1
    rows = [(sentence, words, content_words(sentence.text)) for sentence, words in split if len(words) >= fewest]
    if not rows:
        return []
    table = [_standardised(column) for column in _features(rows, len(sentences))]
    scores = [sum(weight * column[i] for weight, column in zip(_WEIGHTS, table, strict=True)) for i in range(len(rows))]
    return [
        Candidate(sentence, len(words), frozenset(terms), score)
        for (sentence, words, terms), score in zip(rows, _standardised(scores), strict=True)
    ]


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
        if sentence.text:
            first.setdefault(sentence.text.lower(), sentence)
    return list(first.values())


def _features(rows: Sequence[tuple[Sentence, list[str], list[str]]], total: int) -> list[list[float]]:
    frequency = Counter(term for _, _, terms in rows for term in set(terms))
    rarity = {term: math.log(1 + len(rows) / count) for term, count in frequency.items()}
    centre = {term: count * rarity[term] for term, count in frequency.items()}
    centre_norm = math.sqrt(sum(value * value for value in centre.values())) or 1.0
    table = []
    for sentence, words, terms in rows:
        size = len(words)
        distinct = sorted(set(terms))
        norm = math.sqrt(sum(rarity[term] ** 2 for term in distinct)) or 1.0
        shared = sum(math.log(1 + frequency[term]) for term in distinct if frequency[term] > 1)
        table.append(
            (
                math.log(size),
                min(size, 40) / 20,
                shared / (size + 8),
                sum(centre[term] * rarity[term] for term in distinct) / centre_norm / norm,
                (1 - sentence.index / total) ** 8,
                len(_CUES.intersection(words)) / (size + 8),
                sum(word in _ADDRESS for word in words) / size,
                sum(word in _GROUP for word in words) / size,
                len(distinct) / (size + 1),
            )
        )
    return [list(column) for column in zip(*table, strict=True)]


def _standardised(column: Sequence[float]) -> list[float]:
    mean = sum(column) / len(column)
    deviation = math.sqrt(sum((value - mean) ** 2 for value in column) / len(column)) + 1e-6
    return [(value - mean) / deviation for value in column]
