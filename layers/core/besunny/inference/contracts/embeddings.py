"""Embeddings: texts as vectors, cut into chunks that keep sentences whole."""

from typing import Any, ClassVar

from pydantic import BaseModel, Field, model_validator

from besunny.inference.contracts.classification import document_in
from besunny.inference.contracts.common import MAX_TEXT_BYTES, Answer, Input, SourceText, fault

DIMENSIONS = 384


class Chunking(Input):
    """How to cut: at most `max_tokens` tokens of the model a chunk, `overlap` of them shared with the one before."""

    also_called: ClassVar = {"max_tokens": ("chunk_size",), "overlap": ("chunk_overlap",)}
    max_tokens: int = Field(default=128, ge=16, le=254)
    overlap: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _overlap_is_smaller(self) -> "Chunking":
        if self.overlap > self.max_tokens // 2:
            raise fault("`overlap` is more than half of `max_tokens`", "an overlap of at most half a chunk")
        return self


class EmbeddingsRequest(Input):
    """Texts to embed: `texts`, or one under `text`, `content`, `content_text` or `document`."""

    texts: list[SourceText] = Field(min_length=1, max_length=1000)
    chunking: Chunking = Field(default_factory=Chunking)

    @model_validator(mode="before")
    @classmethod
    def _gather_texts(cls, data: Any) -> Any:
        if not isinstance(data, dict) or "texts" in data:
            return data
        found = document_in(data)
        names = ("content_text", "content", "text", "body")
        texts = [found[name] for name in names if isinstance(found, dict) and name in found][:1]
        return {**data, "texts": texts} if texts else data

    @model_validator(mode="after")
    def _not_too_large(self) -> "EmbeddingsRequest":
        if sum(len(text) for text in self.texts) > MAX_TEXT_BYTES:
            raise fault("`texts` together are larger than 20 MB", "fewer texts a request")
        return self


class Chunk(BaseModel):
    """A piece of one text and its vector (L2 norm 1, so a dot product is the cosine).

    Attributes:
        chunk_id: from the text's content and the chunk's place, so the same text always gets the same ids.
        text_index: which of `texts`.
        start, end: characters of that text.
    """

    chunk_id: str
    text_index: int
    start: int
    end: int
    tokens: int
    embedding: list[float] = Field(min_length=DIMENSIONS, max_length=DIMENSIONS)


class EmbeddingsAnswer(Answer):
    """The chunks' vectors, and one vector a text: the mean of its chunks by tokens, brought to length 1.

    Attributes:
        document_embedding: that of all texts together.
        text_embeddings: one of each text, in order.
    """

    model: str
    dimensions: int = DIMENSIONS
    metric: str = "cosine"
    chunks: list[Chunk]
    text_embeddings: list[list[float]]
    document_embedding: list[float] = Field(min_length=DIMENSIONS, max_length=DIMENSIONS)
