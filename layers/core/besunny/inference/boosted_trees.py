"""Gradient-boosted regression trees as arrays: what was trained elsewhere, computed with numpy alone."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy import float32, int16, int32
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class BoostedTrees:
    """A sum of trees; all their nodes stand in one table, each tree from its root on.

    Attributes:
        feature: the column a node asks for, int16[nodes]; -1 in a leaf.
        threshold: a node goes left where the value is at most this, float32[nodes]; in a leaf, its value.
        left: node to go to, int32[nodes]; a leaf names itself.
        right: as `left`.
        roots: int32[trees].
        depth: of the deepest tree.
    """

    feature: "NDArray[int16]"
    threshold: "NDArray[float32]"
    left: "NDArray[int32]"
    right: "NDArray[int32]"
    roots: "NDArray[int32]"
    depth: int

    @classmethod
    def load(cls, path: Path, name: str) -> "BoostedTrees":
        """The trees called `name` of an `.npz` file; `{name}.feature` and so on are its arrays."""
        with np.load(path, allow_pickle=False) as file:
            feature, threshold, left, right, roots, depth = (file[f"{name}.{part.name}"] for part in fields(cls))
        return cls(feature, threshold, left, right, roots, int(depth))

    def predict(self, table: "NDArray[float32]") -> "NDArray[float32]":
        """One value a row of `table`, float32[n, columns], as float32[n]."""
        rows = np.arange(len(table))[:, None]
        node = np.broadcast_to(self.roots, (len(table), len(self.roots)))
        for _ in range(self.depth):
            # A leaf's column is -1: it reads some value, and goes to itself whatever that is.
            goes_left = table[rows, self.feature[node]] <= self.threshold[node]
            node = np.where(goes_left, self.left[node], self.right[node])
        return np.asarray(self.threshold[node].sum(axis=1), dtype=np.float32)
