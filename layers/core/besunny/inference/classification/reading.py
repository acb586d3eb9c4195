"""A document read whole: its windows, their vectors, and the vector of all of it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from besunny.inference.contracts.common import Document
from besunny.inference.engines.protocol import Engine
from besunny.inference.text.speech import spoken
from besunny.inference.text.windows import Window, characters_read, windows

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

_TOKENS = 126


@dataclass(frozen=True, slots=True)
class Reading:
    """What similarity needs of a document.

    Attributes:
        windows: of `content_text`, all of it.
        vectors: float32[n, 384], one of each window, and first one of the subject where there is one.
        weights: float32[n], each vector's share of the document; they sum to 1.
        centre: float32[384], the weighted mean, of L2 norm 1.
        characters_used: characters of `content_text` that lie in a window or are white space between two.
    """

    windows: list[Window]
    vectors: "NDArray[float32]"
    weights: "NDArray[float32]"
    centre: "NDArray[float32]"
    characters_used: int

    @property
    def has_subject(self) -> bool:
        """Whether `vectors` begins with the subject's."""
        return len(self.vectors) > len(self.windows)


def read(document: Document, engine: Engine) -> Reading:
    """Read a document.

    A subject counts as much as a whole window: it is what the author thought the document is about.
    """
    text = document.content_text
    found = windows(text, engine, max_tokens=_TOKENS)
    texts = [text[window.start : window.end] for window in found]
    if document.is_transcript:
        # What was said tells the subject; who said it, and marks such as `{laugh}`, would blur it.
        texts = [spoken(piece) for piece in texts]
    tokens = [max(window.tokens, 1) for window in found]
    if document.subject:
        texts.insert(0, document.subject)
        tokens.insert(0, min(_TOKENS, sum(tokens)))
    vectors = engine.embed(texts)
    weights = np.asarray(np.array(tokens) / sum(tokens), dtype=np.float32)
    centre = unit(np.asarray(weights @ vectors, dtype=np.float32))
    return Reading(found, vectors, weights, centre, characters_read(text, found))


def unit(vector: "NDArray[float32]") -> "NDArray[float32]":
    """The vector brought to L2 norm 1; zero stays zero."""
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-12), dtype=np.float32)
