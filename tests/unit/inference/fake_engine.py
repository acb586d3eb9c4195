"""An engine for tests of rules, not of the model: a text's vector is the mean of its words', each drawn by its hash."""

import hashlib
import re
from collections.abc import Sequence

import numpy as np

from besunny.inference.contracts.engine import EngineInfo

_WORD = re.compile(r"\S+")


class BagEngine:
    """Equal words, equal vectors; counts what it is asked to embed."""

    info = EngineInfo(name="fake", model="bag-of-words", version="1")

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        self.embedded += texts
        found = np.array([self._vector(text) for text in texts], dtype=np.float32).reshape(len(texts), 384)
        return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(_WORD.findall(text)) for text in texts]

    def token_ends(self, text: str) -> list[int]:
        return [match.end() for match in _WORD.finditer(text)]

    @staticmethod
    def _vector(text: str) -> np.ndarray:
        words = re.findall(r"\w+", text.lower()) or [""]
        seeds = (int.from_bytes(hashlib.blake2b(word.encode(), digest_size=4).digest()) for word in words)
        return np.sum([np.random.default_rng(seed).standard_normal(384) for seed in seeds], axis=0)
