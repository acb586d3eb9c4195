"""Whether a sentence of mail asks for an action: two small models that err apart, averaged.

What counts is what `training/train_action_intent.py` was given: requests, questions and invitations to the reader, and
offers of the writer; of plain promises ("I'll call you") few.
"""

import json
from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from besunny.inference.engines.model_files import EmbeddedSettings, model_folder
from besunny.inference.engines.onnx import open_session, open_tokenizer
from besunny.inference.text.wording import wording

if TYPE_CHECKING:
    from numpy import bool_, float32
    from numpy.typing import NDArray

MODEL, VERSION = "action-intent-int8", "1"
# Tokens of a sentence that are read: the model was trained on 64 with the two special ones.
LONGEST = 62
_CLS, _SEP = 101, 102


class ActionIntent:
    """A fine-tuned encoder in int8, and a linear model over a sentence's wording; loaded on first use.

    Made by `training/train_action_intent.py`. Sentences go through one by one, so that what is said of one depends on
    it alone; equal ones are computed once.
    """

    def __init__(self, settings: EmbeddedSettings) -> None:
        self._settings = settings

    def probabilities(self, sentences: Sequence[str]) -> "NDArray[float32]":
        """How likely each sentence asks for an action, float32[n].

        Calibrated for mail of which three sentences in ten ask.
        """
        import numpy as np

        weights = self._described["weights"]
        logits = self.logits(sentences) @ np.array([weights["encoder"], weights["wording"]]) + weights["bias"]
        return np.asarray(1 / (1 + np.exp(-logits)), dtype=np.float32)

    def asks(self, sentences: Sequence[str]) -> "NDArray[bool_]":
        """Whether each sentence does, bool[n]: by the probability from which on F1 was best out of fold."""
        import numpy as np

        return np.asarray(self.probabilities(sentences) >= self._described["threshold"])

    def logits(self, sentences: Sequence[str]) -> "NDArray[float32]":
        """What the two models say before they are averaged, float32[n, 2]."""
        import numpy as np

        if not sentences:
            return np.empty((0, 2), dtype=np.float32)
        rows = {sentence: row for row, sentence in enumerate(dict.fromkeys(sentences))}
        found = np.stack([self._encoder_logits(list(rows)), self._wording_logits(list(rows))], axis=1)
        return found[[rows[sentence] for sentence in sentences]]

    def _encoder_logits(self, sentences: Sequence[str]) -> "NDArray[float32]":
        import numpy as np

        found = np.empty(len(sentences), dtype=np.float32)
        for row, encoding in enumerate(self._tokenizer.encode_batch_fast(list(sentences), add_special_tokens=False)):
            ids = np.array([[_CLS, *encoding.ids[:LONGEST], _SEP]], dtype=np.int64)
            found[row] = self._session.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0][0]
        return found

    def _wording_logits(self, sentences: Sequence[str]) -> "NDArray[float32]":
        import numpy as np

        bias, weights = self._linear["bias"], self._linear["weights"]
        found = np.empty(len(sentences), dtype=np.float32)
        for row, sentence in enumerate(sentences):
            grams = wording(sentence)
            # Sorted: a sum of floats depends on its order, that of a set on the process.
            known = sum(weights[gram] for gram in sorted(grams) if gram in weights)
            found[row] = bias + known / len(grams) ** 0.5
        return found

    @cached_property
    def _described(self) -> Any:
        return json.loads((model_folder(self._settings, MODEL, VERSION) / "MODEL.json").read_text())

    @cached_property
    def _linear(self) -> Any:
        return json.loads((model_folder(self._settings, MODEL, VERSION) / "wording.json").read_text())

    @cached_property
    def _session(self) -> Any:
        folder = model_folder(self._settings, MODEL, VERSION)
        return open_session(folder / "model.onnx", self._settings.inference_threads)

    @cached_property
    def _tokenizer(self) -> Any:
        return open_tokenizer(model_folder(self._settings) / "tokenizer.json")


@lru_cache
def _model() -> ActionIntent:
    return ActionIntent(EmbeddedSettings.from_environment())


def action_intent(sentences: Sequence[str]) -> "NDArray[float32]":
    """As `ActionIntent.probabilities`, by the model of this process, set up from the environment."""
    return _model().probabilities(sentences)


def asks_for_action(sentences: Sequence[str]) -> "NDArray[bool_]":
    """As `ActionIntent.asks`, by the model of this process."""
    return _model().asks(sentences)
