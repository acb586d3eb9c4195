"""Projects that have examples: classifiers trained on them while the caller waits."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from besunny.inference.classification.profiles import Profiles

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

_INVERSE_PENALTY = 100.0
_STEPS = 200
# Rows times projects above which descent takes seconds: the closed form stands in for it.
_LARGEST = 300_000
_SHRINKAGE = 0.02
# Brings the discriminant to about the spread of the regression's logits.
_STRETCH = np.float32(25)


@dataclass(frozen=True, slots=True)
class Linear:
    """Weights float32[384, projects] and bias float32[projects]."""

    weights: "NDArray[float32]"
    bias: "NDArray[float32]"

    def of(self, vector: "NDArray[float32]") -> "NDArray[float32]":
        """How much a document's vector looks like each project's rows, float32[projects]."""
        return np.asarray(vector @ self.weights + self.bias, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class FewShot:
    """Two classifiers of the same rows: one tells projects apart, one tells how typical a document is of any."""

    telling: Linear
    typical: Linear


def train(profiles: Profiles) -> FewShot:
    """Train on all rows, what is said of a project being more examples of it."""
    typical = discriminant(profiles)
    if len(profiles.rows) * profiles.count > _LARGEST:
        return FewShot(Linear(_STRETCH * typical.weights, _STRETCH * typical.bias), typical)
    return FewShot(regression(profiles), typical)


def discriminant(profiles: Profiles) -> Linear:
    """Linear discriminant analysis, the covariance within projects shrunk to the identity, in the scale of a cosine."""
    sizes = np.bincount(profiles.owner, minlength=profiles.count).astype(np.float32)[:, None]
    starts = np.searchsorted(profiles.owner, np.arange(profiles.count))
    means = np.add.reduceat(profiles.rows, starts, axis=0) / sizes
    spread = profiles.rows - means[profiles.owner]
    covariance = spread.T @ spread / len(profiles.rows)
    covariance[np.diag_indices_from(covariance)] += np.float32(_SHRINKAGE)
    weights = np.float32(_SHRINKAGE) * np.linalg.solve(covariance, means.T)
    return Linear(weights, -0.5 * np.einsum("pd,dp->p", means, weights))


def regression(profiles: Profiles) -> Linear:
    """Multinomial logistic regression.

    Nesterov's gradient from zero in a fixed number of steps: the same rows always give the same weights.
    """
    ones = np.ones((len(profiles.rows), 1), dtype=np.float32)
    inputs = np.hstack([profiles.rows, ones])
    wanted = np.eye(profiles.count, dtype=np.float32)[profiles.owner]
    penalty = np.float32(1 / _INVERSE_PENALTY)
    step = np.float32(1 / (0.5 * np.linalg.eigvalsh(inputs.T @ inputs)[-1] + penalty))
    weights = np.zeros((inputs.shape[1], profiles.count), dtype=np.float32)
    ahead, pace = weights, 1.0
    for _ in range(_STEPS):
        scores = inputs @ ahead
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        moved = ahead - step * (inputs.T @ (shares - wanted) + penalty * ahead)
        next_pace = (1 + np.sqrt(1 + 4 * pace * pace)) / 2
        ahead = moved + np.float32((pace - 1) / next_pace) * (moved - weights)
        weights, pace = moved, next_pace
    return Linear(weights[:-1], weights[-1])
