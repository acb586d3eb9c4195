"""A question's tokens count by their nearest in each passage and window."""

import numpy as np

from besunny.inference.text.token_match import SIGNALS, Tokens, matches

AXES = np.eye(4, dtype=np.float32)


def tokens(rows: list[int], owners: list[int], windows: list[int], passages: int) -> Tokens:
    vectors = AXES[rows]
    found = [vectors[np.array(windows) == window].mean(axis=0) for window in sorted(set(windows))]
    means = np.array([mean / np.linalg.norm(mean) for mean in found], dtype=np.float32)
    return Tokens(vectors, np.array(owners), np.array(windows), means, passages)


def asked(rows: list[int], weights: list[float], read: Tokens) -> np.ndarray:
    vectors = AXES[rows]
    mean = vectors.mean(axis=0)
    return matches(vectors, mean / np.linalg.norm(mean), np.array(weights, dtype=np.float32), read)


def test_the_passage_that_holds_more_of_the_weight_comes_first() -> None:
    read = tokens([0, 2, 1, 2], [0, 0, 1, 1], [0, 0, 0, 0], 2)
    assert asked([0, 1], [0.75, 0.25], read)[:, 0].tolist() == [0.75, 0.25]


def test_a_window_speaks_for_each_of_its_passages() -> None:
    read = tokens([0, 3, 1, 3], [0, 1, 2, 3], [0, 0, 1, 1], 4)
    late = asked([0], [1.0], read)[:, 1]
    assert late.tolist() == [1, 1, 0, 0]


def test_a_passage_over_two_windows_gets_their_mean_by_tokens() -> None:
    read = tokens([0, 3, 3, 3], [0, 0, 0, 0], [0, 1, 1, 1], 1)
    assert asked([0], [1.0], read)[0, 1] == 0.25


def test_neighbours_help() -> None:
    read = tokens([0, 3, 3, 3], [0, 1, 2, 3], [0, 1, 2, 3], 4)
    near = asked([0], [1.0], read)[:, 3]
    assert near[0] > near[1] > near[2] == near[3]


def test_passages_without_tokens_get_the_least() -> None:
    read = tokens([0, 3], [0, 2], [0, 1], 4)
    found = asked([0], [1.0], read)
    assert found[1].tolist() == found[3].tolist() == found.min(axis=0).tolist()


def test_a_text_without_tokens_says_nothing_of_any() -> None:
    none = Tokens(np.empty((0, 0)), np.empty(0, int), np.empty(0, int), np.empty((0, 0)), 3)
    assert matches(AXES[:1], AXES[0], np.ones(1, np.float32), none).tolist() == [[0] * SIGNALS] * 3
