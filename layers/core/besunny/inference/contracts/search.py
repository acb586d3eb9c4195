"""The embeddings index: documents in, the passages that mean what a query means, out."""

import hashlib
import json
import math
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AliasChoices, BaseModel, Field, model_validator

from besunny.inference.contracts.common import (
    ForeignId,
    Input,
    Line,
    PathId,
    Request,
    SourceText,
    Span,
    check_text,
    fault,
)
from besunny.inference.contracts.embeddings import DIMENSIONS, Chunking
from besunny.inference.contracts.engine import EngineInfo
from besunny.request_body import Location, fault_at, names_of

MAX_DOCUMENTS = 50
MAX_METADATA_BYTES = 4096
MAX_TOP_K = 100


def _short(text: str) -> str:
    if len(text) > 10_000:
        raise fault("the query is longer than 10,000 characters", "a shorter query")
    return check_text(text)


class IndexDocument(Input):
    """A document to index; one that is indexed under the same `document_id` is replaced.

    Attributes:
        document_id: at most 200 letters, digits and `. : @ = + ~ , ; ( ) ! * ' $ < > [ ] -` or blanks.
        text: the whole text; `start` and `end` of results count its characters.
        metadata: comes back with results; at most 4 KB of JSON.
    """

    document_id: Annotated[PathId, Field(validation_alias=AliasChoices("document_id", "id", "source_id"))]
    text: Annotated[SourceText, Field(validation_alias=AliasChoices("text", "content_text", "content", "body"))]
    title: Annotated[Line, Field(validation_alias=AliasChoices("title", "subject", "name"))] = ""
    project_id: ForeignId | None = None
    metadata: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _metadata_is_small(self) -> "IndexDocument":
        try:
            size = len(json.dumps(self.metadata, allow_nan=False).encode())
        except ValueError:
            raise fault_at(("metadata",), "it holds a number that JSON has not", "finite numbers") from None
        if size > MAX_METADATA_BYTES:
            raise fault_at(("metadata",), "it is larger than 4 KB", "less of it")
        return self


class IndexRequest(Request):
    """Documents to index, all or none: under `documents` or `texts`, or one at the top level.

    Attributes:
        documents: at most 50; a bare text among them gets an id made from its content.
    """

    documents: list[IndexDocument] = Field(min_length=1, max_length=MAX_DOCUMENTS)
    chunking: Chunking = Field(default_factory=lambda: Chunking(max_tokens=128, overlap=24))

    @classmethod
    def known_fields(cls) -> frozenset[str]:
        """Where documents may stand, and the fields of one at the top level."""
        return names_of(cls) | names_of(IndexDocument) | {"texts", "document"}

    @classmethod
    def as_sent(cls, data: Any, location: Location) -> Location:
        """A document's field where the caller put the document."""
        if location[:1] != ("documents",) or not isinstance(data, dict):
            return location
        name = next((name for name in ("documents", "texts", "document") if name in data), None)
        if name is None:
            return location[2:] if "document_id" in data else location
        if isinstance(data[name], dict):
            return (name, *location[2:])
        is_text = len(location) > 1 and isinstance(data[name][int(location[1])], str)
        return (name, *location[1:2]) if is_text else (name, *location[1:])

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        found = data.get("documents", data.get("texts", data.get("document")))
        if found is None and "document_id" in data:
            found = {name: value for name, value in data.items() if name != "chunking"}
        if isinstance(found, dict):
            found = [found]
        if not isinstance(found, list):
            return data
        return {**data, "documents": [_named(entry) for entry in found]}

    @model_validator(mode="after")
    def _ids_differ(self) -> "IndexRequest":
        if len({document.document_id for document in self.documents}) < len(self.documents):
            raise fault_at(("documents",), "two of them have one `document_id`", "each document once")
        return self


def _named(entry: Any) -> Any:
    if not isinstance(entry, str):
        return entry
    return {"document_id": f"text-{hashlib.sha256(entry.encode(errors='replace')).hexdigest()[:24]}", "text": entry}


class IndexedDocument(BaseModel):
    """What became of one document; `unchanged` where the very same was indexed already, which costs nothing."""

    document_id: str
    status: Literal["indexed", "replaced", "unchanged"]
    chunks: int
    characters: int


class IndexAnswer(BaseModel):
    """The documents as indexed; a search from now on finds them.

    Attributes:
        total_chunks: of the tenant, now; None where nothing was changed or the index does not count them.
        max_chunks: the most that a tenant may have; None for no limit.
    """

    success: bool = True
    documents: list[IndexedDocument]
    chunks: int
    total_chunks: int | None
    max_chunks: int | None
    dimensions: int = DIMENSIONS
    engine: EngineInfo
    processing_time_ms: float


class RemovedDocument(BaseModel):
    """A document that no search finds any more; its text is deleted."""

    success: bool = True
    document_id: str
    deleted: Literal[True] = True


class SearchRequest(Request):
    """What to look for: a `query` in words, or a `vector` of the same model.

    Attributes:
        threshold: the least cosine of a result. Sentences that say the same in other words lie above 0.7; an answer to
            a question often lies between 0.3 and 0.7.
        project_id: only documents that were indexed under this project.
    """

    query: Annotated[str, AfterValidator(_short)] | None = Field(
        None, validation_alias=AliasChoices("query", "text", "q")
    )
    vector: list[float] | None = Field(
        None, min_length=DIMENSIONS, max_length=DIMENSIONS, validation_alias=AliasChoices("vector", "embedding")
    )
    threshold: float = Field(
        0.7, ge=-1, le=1, validation_alias=AliasChoices("threshold", "similarity_threshold", "min_score")
    )
    top_k: int = Field(10, ge=1, le=MAX_TOP_K, validation_alias=AliasChoices("top_k", "limit", "k"))
    project_id: ForeignId | None = None

    @model_validator(mode="after")
    def _one_question(self) -> "SearchRequest":
        if (self.query is None) == (self.vector is None):
            raise fault("exactly one of `query` and `vector` is needed", "one of them")
        if self.vector is not None:
            length = math.hypot(*self.vector)
            if not math.isfinite(length) or length < 1e-6:
                raise fault_at(("vector",), "it has no direction", "384 finite numbers that are not all zero")
        return self


class SearchHit(Span):
    """A passage: `text` is the document's text from `start` to `end`.

    Attributes:
        score: its cosine with the query, -1..1.
    """

    document_id: str
    chunk_id: str
    project_id: str | None
    title: str
    score: float
    metadata: dict[str, Any]


class SearchAnswer(BaseModel):
    """The passages at or above the threshold, best first.

    Attributes:
        searched_chunks: how many were compared with the query; None where the index does not say.
        below_threshold: how many of those compared are no results because they lie below the threshold.
        best_score: of the nearest passage, below the threshold too; None in an empty index.
        outdated_chunks: of another model than this one's, hence not comparable; index their documents again. S3 Vectors
            counts them only where it finds nothing that is comparable, those in another index with them.
        stale_results: passages that were left out because their document was replaced or removed since, while the
            deployment kept its vectors in another index.
        note: what to do where nothing was found.
    """

    success: bool = True
    results: list[SearchHit]
    threshold: float
    top_k: int
    project_id: str | None
    searched_chunks: int | None
    below_threshold: int
    best_score: float | None
    outdated_chunks: int
    stale_results: int = 0
    note: str | None = None
    metric: Literal["cosine"] = "cosine"
    engine: EngineInfo
    processing_time_ms: float
