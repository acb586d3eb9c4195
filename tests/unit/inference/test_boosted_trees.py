"""Trees as arrays: each row goes its way to a leaf, and the leaves of all trees are added up."""

from pathlib import Path

import numpy as np
import pytest

from besunny.inference.boosted_trees import BoostedTrees

# One tree of depth two ("column 1 at most 0.5, then column 0 at most 2"), and one that is a leaf alone.
ARRAYS = {
    "feature": np.array([1, 0, -1, -1, -1, -1], dtype=np.int16),
    "threshold": np.array([0.5, 2, 10, 20, 30, 100], dtype=np.float32),
    "left": np.array([1, 2, 2, 3, 4, 5], dtype=np.int32),
    "right": np.array([4, 3, 2, 3, 4, 5], dtype=np.int32),
    "roots": np.array([0, 5], dtype=np.int32),
    "depth": np.array(2),
}


@pytest.fixture
def trees(tmp_path: Path) -> BoostedTrees:
    np.savez(tmp_path / "trees.npz", **{f"some.{name}": array for name, array in ARRAYS.items()})
    return BoostedTrees.load(tmp_path / "trees.npz", "some")


@pytest.mark.parametrize(("row", "value"), [((2, 0.5), 110), ((2.1, 0.5), 120), ((0, 0.6), 130)])
def test_a_row_reaches_its_leaf_of_every_tree(trees: BoostedTrees, row: tuple[float, float], value: float) -> None:
    assert trees.predict(np.array([row], dtype=np.float32)).tolist() == [value]


def test_rows_do_not_touch_each_other(trees: BoostedTrees) -> None:
    table = np.array([(2, 0.5), (0, 0.6), (2.1, 0.5)], dtype=np.float32)
    assert trees.predict(table).tolist() == [110, 130, 120]


def test_no_rows_no_values(trees: BoostedTrees) -> None:
    assert trees.predict(np.empty((0, 2), dtype=np.float32)).shape == (0,)
