"""Vectors of texts that come again with every request, kept by content: what is said of projects, their examples."""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from besunny.inference.classification.reading import unit
from besunny.inference.engines.protocol import Engine
from besunny.inference.text.windows import windows

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

# Vectors of 1.5 KB: at most 45 MB of a function's 1,769.
_MOST = 30_000
_kept: "OrderedDict[bytes, NDArray[float32]]" = OrderedDict()
_lock = Lock()


def remembered(texts: Sequence[str], engine: Engine) -> "NDArray[float32]":
    """The vectors of `texts`, float32[n, 384] of L2 norm 1; one longer than a window is the mean of its windows.

    A text is computed once in the life of the process; of the least used, those above 30,000 are forgotten.
    """
    model = repr(engine.info).encode()
    keys = [hashlib.blake2b(text.encode(), digest_size=16, key=model[:64]).digest() for text in texts]
    with _lock:
        found = {key: _kept[key] for key in keys if key in _kept}
    missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
    found.update({key: _vector(text, engine) for key, text in missing.items()})
    with _lock:
        for key in dict.fromkeys(keys):
            _kept[key] = found[key]
            _kept.move_to_end(key)
        while len(_kept) > _MOST:
            _kept.popitem(last=False)
    return np.array([found[key] for key in keys], dtype=np.float32).reshape(len(keys), -1)


def _vector(text: str, engine: Engine) -> "NDArray[float32]":
    parts = windows(text, engine)
    vectors = engine.embed([text[part.start : part.end] for part in parts])
    return unit(np.array([max(part.tokens, 1) for part in parts], dtype=np.float32) @ vectors)
