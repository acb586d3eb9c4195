"""Indexing and removing a tenant's documents, over whichever index keeps the vectors."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from besunny.clock import to_iso
from besunny.errors import FieldError, InvalidInputError, NotFoundError
from besunny.inference.contracts.search import (
    IndexAnswer,
    IndexDocument,
    IndexedDocument,
    IndexRequest,
    RemovedDocument,
)
from besunny.inference.embeddings.chunks import chunk_series, cut
from besunny.inference.search.index import DocumentVectors, StoredDocument, check_changeable
from besunny.inference.search.objects import object_key
from besunny.inference.search.parts import SearchParts
from besunny.inference.text.windows import Window
from besunny.observability.probe import Stopwatch
from besunny.projects import Editor

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

    from besunny.inference.contracts.embeddings import Chunking

MAX_CHUNKS = 1000
"""Of one request: what the API's 29 seconds are enough for."""


def index_documents(
    parts: SearchParts,
    request: IndexRequest,
    editor: Editor,
    *,
    now: datetime,
    make_version: Callable[[], str] = lambda: secrets.token_hex(8),
) -> IndexAnswer:
    """Index documents, all or none; a document that stands there as it is sent is left alone.

    Raises:
        InvalidInputError: they are more than `MAX_CHUNKS` chunks together.
        ForbiddenError: one of them stands there otherwise and is a colleague's.
        ConflictError: the tenant's index is full.
    """
    watch = Stopwatch()
    tenant_id = editor.tenant_id
    known = parts.documents.get(tenant_id, [document.document_id for document in request.documents])
    stored: dict[str, StoredDocument] = {}
    pieces: dict[str, list[Window]] = {}
    for document in request.documents:
        version = make_version()
        wanted = _stored(parts, document, request.chunking, version, object_key(tenant_id, "texts", version))
        standing = known.get(document.document_id)
        if standing is not None and _same(standing, wanted):
            stored[document.document_id] = standing
            continue
        # What a whole request costs is spent on nothing that will be refused.
        check_changeable([standing] if standing else [], editor)
        pieces[document.document_id] = cut(document.text, request.chunking, parts.engine)
        chunks = len(pieces[document.document_id])
        details = {"chunks": chunks, "indexed_at": to_iso(now)}
        details["indexed_by"] = standing.indexed_by if standing else editor.sub
        stored[document.document_id] = wanted.model_copy(update=details)
    _check_chunks(sum(map(len, pieces.values())))
    changed = [document for document in request.documents if document.document_id in pieces]
    total = None
    replaced: dict[str, str] = {}
    if changed:
        vectors = parts.engine.embed([d.text[w.start : w.end] for d in changed for w in pieces[d.document_id]])
        prepared = _prepared(changed, stored, pieces, vectors)
        done = parts.index.put(editor, prepared, now=now)
        replaced, total = done.replaced, done.total_chunks
    answered = [
        IndexedDocument(
            document_id=name,
            status="unchanged" if name not in pieces else "replaced" if name in replaced else "indexed",
            chunks=document.chunks,
            characters=document.characters,
        )
        for name, document in stored.items()
    ]
    return IndexAnswer(
        documents=answered,
        chunks=sum(document.chunks for document in answered),
        total_chunks=total,
        max_chunks=parts.index.max_chunks,
        engine=parts.engine.info,
        processing_time_ms=watch.elapsed_ms(),
    )


def remove_document(parts: SearchParts, document_id: str, editor: Editor, *, now: datetime) -> RemovedDocument:
    """Take a document out of the index; its text is swept once nobody can still be reading it.

    Raises:
        NotFoundError: the tenant has none of this id.
        ForbiddenError: it is a colleague's.
    """
    if not parts.index.delete(editor, document_id, now=now):
        raise NotFoundError("no document of this id is indexed")
    return RemovedDocument(document_id=document_id)


def _stored(
    parts: SearchParts, document: IndexDocument, chunking: Chunking, version: str, text_key: str
) -> StoredDocument:
    return StoredDocument(
        document_id=document.document_id,
        version=version,
        project_id=document.project_id,
        title=document.title,
        metadata=json.dumps(document.metadata, sort_keys=True),
        series=chunk_series(document.text, chunking),
        chunks=0,
        characters=len(document.text),
        model=parts.model,
        index=parts.index.name,
        text_key=text_key,
        indexed_at="",
        indexed_by="",
    )


def _same(standing: StoredDocument, wanted: StoredDocument) -> bool:
    made = {"version", "text_key", "chunks", "indexed_at", "indexed_by"}
    return standing.model_dump(exclude=made) == wanted.model_dump(exclude=made)


def _check_chunks(chunks: int) -> None:
    if chunks > MAX_CHUNKS:
        raise InvalidInputError(
            FieldError(
                "documents",
                f"they are {chunks:,} chunks, more than the {MAX_CHUNKS:,} of one request",
                "send fewer documents a request, and very long ones in parts with a `document_id` each",
            )
        )


def _prepared(
    documents: list[IndexDocument],
    stored: dict[str, StoredDocument],
    pieces: dict[str, list[Window]],
    vectors: NDArray[float32],
) -> list[DocumentVectors]:
    import numpy as np

    prepared = []
    first = 0
    for document in documents:
        own = pieces[document.document_id]
        in_bytes = _byte_places(document.text, {place for window in own for place in (window.start, window.end)})
        spans = [(w.start, w.end, in_bytes[w.start], in_bytes[w.end]) for w in own]
        prepared.append(
            DocumentVectors(
                document=stored[document.document_id],
                text=document.text.encode(),
                spans=np.array(spans, dtype=np.int32).reshape(-1, 4),
                vectors=vectors[first : first + len(own)],
            )
        )
        first += len(own)
    return prepared


def _byte_places(text: str, places: set[int]) -> dict[int, int]:
    """Where characters begin in the text's UTF-8."""
    found: dict[int, int] = {}
    at = done = 0
    for place in sorted(places):
        done += len(text[at:place].encode())
        found[place], at = done, place
    return found
