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


@dataclass(frozen=True, slots=True)
class Signals:
    """What speaks for each project; arrays are float32[projects].

    Attributes:
        nearness: cosines.
        words: strength of the matching words, 0 to 1.
        logits: of the few-shot classifier; None where no project has an example.
    """

    nearness: "NDArray[float32]"
    words: "NDArray[float32]"
    logits: "NDArray[float32] | None"


@dataclass(frozen=True, slots=True)
class Weights:
    """How signals weigh; fitted by `training/fit_confidence.py`.

    Among the projects: softmax of `near * nearness + words * words + logits * logits`. Whether it is any of them:
    sigmoid of `any_near * nearness + any_words * words + any_margin * margin + any_bias` of the best one;
    `margin` is how far its share is above the second's.
    """

    near: float
    words: float
    logits: float
    any_near: float
    any_words: float
    any_margin: float
    any_bias: float


def probabilities(signals: Signals, weights: Weights | None = None) -> "NDArray[float32]":
    """The probability of each project, float32[projects]; what they leave of 1 is that of none.

    More nearness or more matching words of the best project never make it less probable.
    """
    if weights is None:
        weights = fitted()["described" if signals.logits is None else "exampled"]
    scores = weights.near * signals.nearness + weights.words * signals.words
    if signals.logits is not None:
        scores = scores + weights.logits * signals.logits
    shares = np.exp(scores - scores.max())
    shares /= shares.sum()
    best = int(scores.argmax())
    second = float(np.partition(shares, -2)[-2]) if len(shares) > 1 else 0.0
    for_any = (
        weights.any_near * signals.nearness[best]
        + weights.any_words * signals.words[best]
        + weights.any_margin * (shares[best] - second)
        + weights.any_bias
    )
    return np.asarray(shares / (1 + np.exp(-for_any)), dtype=np.float32)


@lru_cache
def fitted() -> dict[str, Weights]:
    """The fitted weights: `described` where no project has examples, `exampled` where some have."""
    stored = json.loads(_FITTED.read_text())
    return {name: Weights(**stored[name]) for name in ("described", "exampled")}


def expected_calibration_error(confidences: Sequence[float], right: Sequence[bool], bins: int = 10) -> float:
    """Mean distance between confidence and share of right answers over equal bins of confidence, weighted by count."""
    said, was = np.asarray(confidences), np.asarray(right, dtype=float)
    bin_of = np.minimum((said * bins).astype(int), bins - 1)
    gaps = [
        abs(said[bin_of == b].mean() - was[bin_of == b].mean()) * (bin_of == b).mean() for b in set(bin_of.tolist())
    ]
    return float(sum(gaps))
