"""How near a document is to each project, in cosines."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from besunny.inference.classification.profiles import Profiles
from besunny.inference.classification.reading import Reading

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

_BLOCK = 512
_BEST_SHARE = 4


@dataclass(frozen=True, slots=True)
class Nearness:
    """Cosines of a document with each project, float32[projects].

    Attributes:
        middle: with the mean of the project's rows.
        best: with the nearest of them.
    """

    middle: "NDArray[float32]"
    best: "NDArray[float32]"


def nearness(reading: Reading, profiles: Profiles) -> Nearness:
    """A document's nearness to each project.

    With each row: the mean of the whole document's cosine and that of its best quarter of windows, so that a document
    that is of a project in part is seen too.
    """
    by_row = np.concatenate(
        [_of_rows(reading, profiles.rows[at : at + _BLOCK]) for at in range(0, len(profiles.rows), _BLOCK)]
    )
    starts = np.searchsorted(profiles.owner, np.arange(profiles.count))
    lengths = np.linalg.norm(np.add.reduceat(profiles.rows, starts, axis=0), axis=1)
    middle = np.add.reduceat(by_row, starts) / np.maximum(lengths, 1e-6)
    return Nearness(np.asarray(middle, dtype=np.float32), np.maximum.reduceat(by_row, starts))


def _of_rows(reading: Reading, rows: "NDArray[float32]") -> "NDArray[float32]":
    whole = rows @ reading.centre
    each = reading.vectors @ rows.T
    best = max(1, len(each) // _BEST_SHARE)
    top = np.partition(each, len(each) - best, axis=0)[len(each) - best :].mean(axis=0)
    return np.asarray((whole + top) / 2, dtype=np.float32)
