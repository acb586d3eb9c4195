"""Which passages of a text answer a question: words and meaning, each passage seen with its neighbours.

A linear model that was fitted to people's marks (`training/fit_relevance.py`) ranks the passages, and a logistic one
says how likely each of them helps. The closest look is `engines/question_match.py`'s.
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
from besunny.inference.engines.question_match import QuestionMatch, question_match
from besunny.inference.text.relevance_features import Passages, Question, signals, standardised
from besunny.inference.text.token_match import Tokens

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

MODEL, VERSION = "passage-relevance", "2"


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


@dataclass(frozen=True, slots=True, eq=False)
class ReadPassages:
    """Passages that follow each other, made ready to be asked about."""

    passages: Passages
    tokens: Tokens


def passages(
    parts: Sequence[Sequence[str]],
    engine: Engine,
    speakers: Sequence[str] | None = None,
    match: QuestionMatch | None = None,
) -> ReadPassages:
    """Passages that follow each other, made ready to be asked about.

    Args:
        parts: the sentences of each passage.
        speakers: of each passage, so that a question may name them; None where nobody speaks.
        match: what reads them with a question in mind; None means the model that ships.
    """
    names = speakers or [""] * len(parts)
    taken = Passages.of(parts, engine.embed(list(chain.from_iterable(parts))), names)
    return ReadPassages(taken, (match or question_match()).read(parts, names))


def relevance(question: str, asked: ReadPassages, engine: Engine) -> "NDArray[float32]":
    """How likely each passage helps to answer the question, 0 to 1, float32[n]; near 0 where none speaks of it."""
    return likelihood(*weighable(question, asked, engine, question_match()), _weights())


def weighable(
    question: str, asked: ReadPassages, engine: Engine, match: QuestionMatch
) -> "tuple[NDArray[float32], NDArray[float32]]":
    """All that speaks for each passage: what ranks, float32[n, signals], and strengths, as `signals` has them."""
    taken = Question.of(question, asked.passages.speakers)
    text, subject = engine.embed([taken.text, taken.subject])
    table, strengths = signals(taken, asked.passages, text, subject)
    matched = match.matches(question, asked.tokens)
    return np.column_stack([table, standardised(matched)]), np.column_stack([strengths, matched[:, 0]])


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
