"""How well the passages of a text match a question: an encoder that was fine-tuned for it, read token by token.

Made by `training/train_question_match.py`; loaded when a question is asked.
"""

from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from besunny.inference.engines.model_files import EmbeddedSettings, model_folder
from besunny.inference.engines.onnx import open_session, open_tokenizer
from besunny.inference.text.token_match import Tokens, matches
from besunny.inference.text.token_windows import windows

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

MODEL, VERSION = "question-match-int8", "1"
LONGEST_QUESTION = 62  # tokens; as it was trained
_CLS, _SEP = 101, 102


class QuestionMatch:
    """A fine-tuned encoder in int8; windows go through one by one, so that each depends on itself alone."""

    def __init__(self, settings: EmbeddedSettings) -> None:
        self._settings = settings

    def read(self, parts: Sequence[Sequence[str]], speakers: Sequence[str]) -> Tokens:
        """The tokens of passages that follow each other, each passage given by its sentences and its speaker."""
        import numpy as np

        encoded = self._tokenizer.encode_batch_fast(spoken(parts, speakers), add_special_tokens=False)
        found = windows([encoding.ids for encoding in encoded])
        passes = [self._pass(window.ids) for window in found]
        return Tokens(
            np.vstack([vectors[1:-1] for vectors, _, _ in passes] or [np.empty((0, 0), np.float32)]),
            np.array([owner for window in found for owner in window.owners], dtype=np.intp),
            np.repeat(np.arange(len(found)), [len(window.ids) for window in found]),
            np.array([mean for _, mean, _ in passes], dtype=np.float32),
            len(parts),
        )

    def matches(self, question: str, tokens: Tokens) -> "NDArray[float32]":
        """What speaks for each passage as the answer, float32[passages, `token_match.SIGNALS`]."""
        ids = self._tokenizer.encode(question, add_special_tokens=False).ids[:LONGEST_QUESTION]
        vectors, mean, weights = self._pass(ids)
        # [CLS] tells nothing of its own; [SEP] gathers what the tokens leave out.
        return matches(vectors[1:], mean, weights[1:] / weights[1:].sum(), tokens)

    def _pass(self, ids: Sequence[int]) -> "tuple[NDArray[float32], NDArray[float32], NDArray[float32]]":
        """Vectors of the tokens with the special ones, their mean, and what each weighs in a question."""
        import numpy as np

        row = np.array([[_CLS, *ids, _SEP]], dtype=np.int64)
        vectors, mean, weights = self._session.run(None, {"input_ids": row, "attention_mask": np.ones_like(row)})
        return vectors[0], mean[0], weights[0]

    @cached_property
    def _session(self) -> Any:
        folder = model_folder(self._settings, MODEL, VERSION)
        return open_session(folder / "model.onnx", self._settings.inference_threads)

    @cached_property
    def _tokenizer(self) -> Any:
        return open_tokenizer(model_folder(self._settings) / "tokenizer.json")


def spoken(parts: Sequence[Sequence[str]], speakers: Sequence[str]) -> list[str]:
    """The text of each passage as it is read: who says it, and what; nothing where nothing is said."""
    texts = (" ".join(own) for own in parts)
    return [f"{speaker}: {text}" if text and speaker else text for speaker, text in zip(speakers, texts, strict=True)]


@lru_cache
def question_match() -> QuestionMatch:
    """The model of this process, set up from the environment."""
    return QuestionMatch(EmbeddedSettings.from_environment())
