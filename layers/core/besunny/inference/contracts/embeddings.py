"""Embeddings: texts as vectors, cut into chunks that keep sentences whole."""

from typing import Any

from pydantic import AliasChoices, BaseModel, Field, model_validator

from besunny.inference.contracts.classification import DOCUMENT_FIELDS, document_in, place_in_document
from besunny.inference.contracts.common import MAX_TEXT_BYTES, Answer, Request, SourceText
from besunny.request_body import Location, fault_at

DIMENSIONS = 384


_TEXT_NAMES = ("content_text", "content", "text", "body")


class Chunking(Request):
    """How to cut: at most `max_tokens` tokens of the model a chunk, `overlap` of them shared with the one before."""

    max_tokens: int = Field(128, ge=16, le=254, validation_alias=AliasChoices("max_tokens", "chunk_size"))
    overlap: int = Field(0, ge=0, validation_alias=AliasChoices("overlap", "chunk_overlap"))

    @model_validator(mode="after")
    def _overlap_is_smaller(self) -> "Chunking":
        if self.overlap > self.max_tokens // 2:
            raise fault_at(("overlap",), "it is more than half of `max_tokens`", "an overlap of at most half a chunk")
        return self


class EmbeddingsRequest(Request):
    """Texts to embed: `texts`, or one under `text`, `content`, `content_text` or `document`."""

    texts: list[SourceText] = Field(min_length=1, max_length=1000)
    chunking: Chunking = Field(default_factory=Chunking)

    @classmethod
    def known_fields(cls) -> frozenset[str]:
        """A document's fields, `texts` and `chunking`."""
        return DOCUMENT_FIELDS | {"texts", "chunking"}

    @classmethod
    def as_sent(cls, data: Any, location: Location) -> Location:
        """The text of a document where the caller put it."""
        if location[:2] == ("texts", 0) and isinstance(data, dict) and "texts" not in data:
            return place_in_document(data, tuple(_text_names(document_in(data))[:1]))
        return location

    @model_validator(mode="before")
    @classmethod
    def _gather_texts(cls, data: Any) -> Any:
        if not isinstance(data, dict) or "texts" in data:
            return data
        found = document_in(data)
        texts = [found[name] for name in _text_names(found)[:1]]
        return {**data, "texts": texts} if texts else data

    @model_validator(mode="after")
    def _not_too_large(self) -> "EmbeddingsRequest":
        if sum(len(text) for text in self.texts) > MAX_TEXT_BYTES:
            raise fault_at(("texts",), "together they are larger than 20 MB", "fewer texts a request")
        return self


def _text_names(document: Any) -> list[str]:
    return [name for name in _TEXT_NAMES if isinstance(document, dict) and document.get(name) is not None]


class Chunk(BaseModel):
    """A piece of one text and its vector (L2 norm 1, so a dot product is the cosine).

    Attributes:
        chunk_id: from the chunk's own text and place: the same text always gets the same ids, and a change of it leaves
            those of the chunks before.
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
        notes: what the reader must know about limits, such as a language that the model does not know.
    """

    model: str
    dimensions: int = DIMENSIONS
    metric: str = "cosine"
    chunks: list[Chunk]
    text_embeddings: list[list[float]]
    document_embedding: list[float] = Field(min_length=DIMENSIONS, max_length=DIMENSIONS)
    notes: list[str] = Field(default_factory=list)
