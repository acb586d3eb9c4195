"""Embeddings of texts, chunk by chunk, over an engine."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from besunny.inference.contracts.common import Coverage
from besunny.inference.contracts.embeddings import Chunk, EmbeddingsAnswer, EmbeddingsRequest
from besunny.inference.embeddings.chunks import chunk_id, cut
from besunny.inference.engines.protocol import Engine
from besunny.inference.text.language import language, language_note
from besunny.inference.text.windows import characters_read

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

# Six digits keep every cosine to 1e-6 and halve the JSON.
_DIGITS = 6


def embed(request: EmbeddingsRequest, engine: Engine, *, now: datetime) -> EmbeddingsAnswer:  # noqa: ARG001
    """The vectors of the request's texts.

    Args:
        request: at least one text.
        engine: computes the vectors.
        now: the present moment, as every service takes it; nothing here depends on it.
    """
    found = [cut(text, request.chunking, engine) for text in request.texts]
    pieces = [(index, window) for index, own in enumerate(found) for window in own]
    texts = [request.texts[index][window.start : window.end] for index, window in pieces]
    vectors = engine.embed(texts)
    weights = np.array([max(window.tokens, 1) for _, window in pieces], dtype=np.float32)
    owner = np.array([index for index, _ in pieces])
    return EmbeddingsAnswer(
        model=engine.info.model,
        chunks=[
            Chunk(
                chunk_id=chunk_id(text, window.start),
                text_index=index,
                start=window.start,
                end=window.end,
                tokens=window.tokens,
                embedding=_plain(vector),
            )
            for (index, window), text, vector in zip(pieces, texts, vectors, strict=True)
        ],
        text_embeddings=[
            _mean(vectors[owner == index], weights[owner == index]) for index in range(len(request.texts))
        ],
        document_embedding=_mean(vectors, weights),
        notes=_notes(request.texts) if engine.info.kind == "embedded" else [],
        engine=engine.info,
        coverage=Coverage.of(
            sum(len(text) for text in request.texts),
            sum(characters_read(text, own) for text, own in zip(request.texts, found, strict=True)),
        ),
    )


def _notes(texts: Sequence[str]) -> list[str]:
    """On the languages that the embedded model does not know, each once."""
    codes = dict.fromkeys(map(language, texts))
    return [note for code in codes if (note := language_note(code))]


def _mean(vectors: "NDArray[float32]", weights: "NDArray[float32]") -> list[float]:
    total = weights @ vectors
    return _plain(np.asarray(total / max(float(np.linalg.norm(total)), 1e-12), dtype=np.float32))


def _plain(vector: "NDArray[float32]") -> list[float]:
    return [round(value, _DIGITS) for value in vector.tolist()]
