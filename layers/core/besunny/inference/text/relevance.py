"""Which passages of a text answer a question: words and meaning, each passage seen with its neighbours.

A linear model that was fitted to people's marks (`training/fit_relevance.py`) ranks the passages, and a logistic one
says how likely each of them helps.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from besunny.inference.engines.model_files import EmbeddedSettings, model_folder
from besunny.inference.engines.protocol import Engine
from besunny.inference.text.relevance_features import Passages, Question, signals

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

MODEL, VERSION = "passage-relevance", "1"


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """What was fitted.

    Attributes:
        rank: of each signal.
        bias: of the logistic model.
        behind: what it takes off by how far a passage ranks behind the best.
        strength: of the greatest of each strength.
    """

    rank: "NDArray[float32]"
    bias: float
    behind: float
    strength: "NDArray[float32]"


def passages(parts: Sequence[Sequence[str]], engine: Engine, speakers: Sequence[str] | None = None) -> Passages:
    """Passages that follow each other, made ready to be asked about.

    Args:
        parts: the sentences of each passage.
        speakers: of each passage, so that a question may name them; None where nobody speaks.
    """
    return Passages.of(parts, engine.embed(list(chain.from_iterable(parts))), speakers or [""] * len(parts))


def relevance(question: str, asked: Passages, engine: Engine) -> "NDArray[float32]":
    """How likely each passage helps to answer the question, 0 to 1, float32[n]; near 0 where none speaks of it."""
    taken = Question.of(question, asked.speakers)
    text, subject = engine.embed([taken.text, taken.subject])
    table, strengths = signals(taken, asked, text, subject)
    return likelihood(table, strengths, _weights())


def likelihood(table: "NDArray[float32]", strengths: "NDArray[float32]", weights: Weights) -> "NDArray[float32]":
    """The shares that `signals` come to, float32[n]."""
    ranked = table @ weights.rank
    logits = weights.bias + weights.behind * (ranked - ranked.max()) + strengths.max(axis=0) @ weights.strength
    return np.asarray(1 / (1 + np.exp(-logits)), dtype=np.float32)


@lru_cache
def _weights() -> Weights:
    folder = model_folder(EmbeddedSettings.from_environment(), MODEL, VERSION)
    held = json.loads((folder / "weights.json").read_text())
    arrays = {name: np.array(held[name], dtype=np.float32) for name in ("rank", "strength")}
    return Weights(bias=held["bias"], behind=held["behind"], **arrays)
