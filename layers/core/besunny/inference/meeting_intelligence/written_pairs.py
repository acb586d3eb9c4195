"""How much a sentence is worded as people write summaries, by its pairs of neighbouring words."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from besunny.inference.meeting_intelligence.sentence_features import Row

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

START = "<"  # stands before the first word of a sentence


def pairs(words: Sequence[str]) -> Iterator[str]:
    """Each word with the one before it, by a space between them."""
    return (" ".join(pair) for pair in pairwise((START, *words)))


def pair_features(rows: Sequence[Row], weights: Mapping[str, float]) -> "NDArray[float32]":
    """Sum, sum of what speaks for it, and best of a sentence's pairs, float32[n, 3]; the sums by its length.

    Args:
        weights: of pairs, the logarithm of how much likelier they are in summaries than in speech.
    """
    found = np.zeros((len(rows), 3), dtype=np.float32)
    for at, row in enumerate(rows):
        own = [weights.get(pair, 0.0) for pair in pairs(row.words)]
        size = len(row.words) + 8
        found[at] = sum(own) / size, sum(weight for weight in own if weight > 0) / size, max(own, default=0.0)
    return found
