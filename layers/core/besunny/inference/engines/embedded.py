"""The engine that ships with the bundle: a small sentence encoder on the CPU; no network, no key."""

from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from besunny.inference.contracts.engine import EngineInfo
from besunny.inference.contracts.versions import EMBEDDED
from besunny.inference.engines.model_files import EmbeddedSettings, model_folder
from besunny.inference.engines.onnx import open_session, open_tokenizer

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

DIMENSIONS = 384
# Tokens of text in one pass; the model was trained on 256 with the two special ones.
LONGEST = 254
_CLS, _SEP = 101, 102
_BATCH = 1000


class EmbeddedEngine:
    """all-MiniLM-L6-v2 in int8 on onnxruntime, loaded on first use.

    Texts go through one by one: padding costs more than a larger batch saves, and a vector then depends on its text
    alone (dynamic quantisation scales by the batch). Equal texts are computed once.
    """

    def __init__(self, settings: EmbeddedSettings) -> None:
        self._settings = settings

    @property
    def info(self) -> EngineInfo:
        """Name, model and version."""
        return EMBEDDED

    def embed(self, texts: Sequence[str]) -> "NDArray[float32]":
        """The vectors of `texts`, float32[n, 384] of L2 norm 1; longer ones are the mean of their parts by tokens."""
        import numpy as np

        rows: dict[str, int] = {}
        places = [rows.setdefault(text, len(rows)) for text in texts]
        distinct = list(rows)
        vectors = np.empty((len(distinct), DIMENSIONS), dtype=np.float32)
        for start in range(0, len(distinct), _BATCH):
            for row, encoding in enumerate(self._encode(distinct[start : start + _BATCH]), start):
                vectors[row] = self._vector(encoding.ids)
        return vectors[places]

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text has, without the special ones."""
        counts: list[int] = []
        for start in range(0, len(texts), _BATCH):
            counts += [len(encoding.ids) for encoding in self._encode(texts[start : start + _BATCH])]
        return counts

    def token_ends(self, text: str) -> list[int]:
        """The character at which each token of `text` ends."""
        return [end for _, end in self._tokenizer.encode(text, add_special_tokens=False).offsets]

    def _encode(self, texts: Sequence[str]) -> list[Any]:
        encodings: list[Any] = self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)
        return encodings

    def _vector(self, ids: list[int]) -> "NDArray[float32]":
        import numpy as np

        parts = [ids[start : start + LONGEST] for start in range(0, len(ids), LONGEST)] or [[]]
        if len(parts) == 1:
            return self._pass(parts[0])
        total = np.sum([len(part) * self._pass(part) for part in parts], axis=0)
        return np.asarray(total / np.linalg.norm(total), dtype=np.float32)

    def _pass(self, ids: list[int]) -> "NDArray[float32]":
        import numpy as np

        row = np.array([[_CLS, *ids, _SEP]], dtype=np.int64)
        output = self._session.run(None, {"input_ids": row, "attention_mask": np.ones_like(row)})[0]
        return np.asarray(output[0], dtype=np.float32)

    @cached_property
    def _tokenizer(self) -> Any:
        return open_tokenizer(model_folder(self._settings) / "tokenizer.json")

    @cached_property
    def _session(self) -> Any:
        return open_session(model_folder(self._settings) / "model.onnx", self._settings.inference_threads)


@lru_cache
def embedded_engine() -> EmbeddedEngine:
    """The embedded engine of this process, set up from the environment."""
    return EmbeddedEngine(EmbeddedSettings.from_environment())
