"""From signals to probabilities that mean what they say: of answers given at 0.8, eight in ten are right."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

_FITTED = Path(__file__).with_name("confidence.json")
# Among more projects than this the regression's logits are flatter, and weigh apart.
_FEW = 20


@dataclass(frozen=True, slots=True)
class Signals:
    """What speaks for each project; arrays are float32[projects].

    Attributes:
        middle: cosine with the mean of what is known of the project.
        best: cosine with the nearest of it.
        words: strength of the project's own words in the document, 0 to 1.
        shared: how alike the document's words are to those of one text of the project, 0 to 1.
        background: cosine with everyday post of no project.
        telling, typical: of the few-shot classifiers; None where no project has an example.
        described: whether projects say more of themselves than a name.
    """

    middle: "NDArray[float32]"
    best: "NDArray[float32]"
    words: "NDArray[float32]"
    shared: "NDArray[float32]"
    background: float
    telling: "NDArray[float32] | None" = None
    typical: "NDArray[float32] | None" = None
    described: bool = True

    @property
    def mode(self) -> str:
        """Which weights are for these signals."""
        if self.telling is not None:
            return "crowded" if len(self.telling) > _FEW else "exampled"
        return "described" if self.described else "named"


@dataclass(frozen=True, slots=True)
class Weights:
    """How signals weigh, none below 0 but `any_bias`; fitted by `training/fit_confidence.py`.

    Among the projects: softmax of the weighted sum of the signals without `any_`. Whether it is any of them: sigmoid of
    the weighted sum of the best one's, and of its `margin`, how far its share is above the second's, less the
    background.
    """

    middle: float
    best: float
    words: float
    shared: float
    telling: float
    typical: float
    any_middle: float
    any_best: float
    any_words: float
    any_shared: float
    any_typical: float
    any_margin: float
    any_background: float
    any_bias: float


def probabilities(signals: Signals, weights: Weights | None = None) -> "NDArray[float32]":
    """The probability of each project, float32[projects]; what they leave of 1 is that of none.

    More nearness or more matching words of the best project never make it less probable.
    """
    if weights is None:
        weights = fitted()[signals.mode]
    scores = (
        weights.middle * signals.middle
        + weights.best * signals.best
        + weights.words * signals.words
        + weights.shared * signals.shared
    )
    if signals.telling is not None and signals.typical is not None:
        scores = scores + weights.telling * signals.telling + weights.typical * signals.typical
    shares = np.exp(scores - scores.max())
    shares /= shares.sum()
    best = int(scores.argmax())
    second = float(np.partition(shares, -2)[-2]) if len(shares) > 1 else 0.0
    for_any = (
        weights.any_middle * signals.middle[best]
        + weights.any_best * signals.best[best]
        + weights.any_words * signals.words[best]
        + weights.any_shared * signals.shared[best]
        + weights.any_margin * (shares[best] - second)
        - weights.any_background * signals.background
        + weights.any_bias
    )
    if signals.typical is not None:
        for_any += weights.any_typical * signals.typical[best]
    return np.asarray(shares / (1 + np.exp(-for_any)), dtype=np.float32)


@lru_cache
def fitted() -> dict[str, Weights]:
    """The fitted weights of each mode of signals."""
    stored = json.loads(_FITTED.read_text())
    return {name: Weights(**stored[name]) for name in ("named", "described", "exampled", "crowded")}


def expected_calibration_error(confidences: Sequence[float], right: Sequence[bool], bins: int = 10) -> float:
    """Mean distance between confidence and share of right answers over equal bins of confidence, weighted by count."""
    said, was = np.asarray(confidences), np.asarray(right, dtype=float)
    bin_of = np.minimum((said * bins).astype(int), bins - 1)
    gaps = [
        abs(said[bin_of == b].mean() - was[bin_of == b].mean()) * (bin_of == b).mean() for b in set(bin_of.tolist())
    ]
    return float(sum(gaps))
