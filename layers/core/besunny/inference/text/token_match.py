"""How well tokens of a text match those of a question: late interaction, over passages and over windows of them.

Each token of the question is held against every token of a place and counts by its nearest (Khattab and Zaharia 2020,
"ColBERT"), weighed by how much it tells; beside that stands the cosine of the means.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

SIGNALS = 4
_REACH = 1  # windows on each side


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """The tokens of a text in its order.

    Attributes:
        vectors: float32[tokens, dimensions], L2 norm 1 each.
        owners: the passage of each token, int[tokens], ascending.
        windows: the window of each token, int[tokens], ascending, none left out.
        means: of each window's tokens, float32[windows, dimensions], L2 norm 1 each.
        passages: how many passages there are.
    """

    vectors: "NDArray[float32]"
    owners: "NDArray[Any]"
    windows: "NDArray[Any]"
    means: "NDArray[float32]"
    passages: int


def matches(
    asked: "NDArray[float32]", mean: "NDArray[float32]", weights: "NDArray[float32]", tokens: Tokens
) -> "NDArray[float32]":
    """What speaks for each passage, float32[passages, SIGNALS]; the least of all where it has no token.

    Args:
        asked: vectors of the question's tokens, float32[n, dimensions], L2 norm 1 each.
        mean: of the question, L2 norm 1.
        weights: of its tokens, float32[n], summing to 1.
    """
    if not len(tokens.owners):
        return np.zeros((tokens.passages, SIGNALS), dtype=np.float32)
    near = asked @ tokens.vectors.T
    late = _nearest(near, tokens.windows).T @ weights
    cosine = tokens.means @ mean
    own, starts = np.unique(tokens.owners, return_index=True)
    sizes = np.diff([*starts, len(tokens.owners)])
    found = np.empty((len(own), SIGNALS), dtype=np.float32)
    found[:, 0] = _nearest(near, tokens.owners).T @ weights
    for column, scores in enumerate((late, cosine, _around(late + cosine)), 1):
        found[:, column] = np.add.reduceat(scores[tokens.windows], starts) / sizes
    held = np.tile(found.min(axis=0), (tokens.passages, 1))
    held[own] = found
    return held


def _nearest(near: "NDArray[float32]", places: "NDArray[Any]") -> "NDArray[float32]":
    """Of each row, its greatest of each run of equal `places`."""
    starts: Sequence[int] = np.flatnonzero(np.diff(places, prepend=-1)).tolist()
    return np.asarray(np.maximum.reduceat(near, starts, axis=1), dtype=np.float32)


def _around(scores: "NDArray[float32]") -> "NDArray[float32]":
    """Means of the scores and their neighbours'."""
    width = 2 * _REACH + 1
    padded = np.pad(scores, _REACH, mode="edge")
    return np.asarray(np.convolve(padded, np.full(width, 1 / width, dtype=np.float32), "valid"), dtype=np.float32)
