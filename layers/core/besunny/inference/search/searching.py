"""Searching a tenant's documents by meaning, over whichever index keeps the vectors."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from besunny.errors import UnavailableError
from besunny.inference.contracts.search import SearchAnswer, SearchHit, SearchRequest
from besunny.inference.embeddings.chunks import chunk_id
from besunny.inference.search.index import Found, Hit, StoredDocument
from besunny.inference.search.objects import MissingObjectError
from besunny.inference.search.parts import SearchParts
from besunny.observability.probe import Stopwatch

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

_READS = 3
# Stale hits that may stand before those that count.
_SPARE = 500


def search_documents(parts: SearchParts, request: SearchRequest, *, tenant_id: str) -> SearchAnswer:
    """The passages of the tenant's documents that are nearest to the query."""
    watch = Stopwatch()
    vector = _vector(parts, request)
    found, results = _found(parts, request, tenant_id, vector)
    return SearchAnswer(
        results=results,
        threshold=request.threshold,
        top_k=request.top_k,
        project_id=request.project_id,
        searched_chunks=found.searched,
        below_threshold=found.below,
        best_score=None if found.best is None else round(found.best, 4),
        outdated_chunks=found.outdated,
        stale_results=found.stale,
        note=_note(found, request),
        engine=parts.engine.info,
        processing_time_ms=watch.elapsed_ms(),
    )


def _found(
    parts: SearchParts, request: SearchRequest, tenant_id: str, vector: NDArray[float32]
) -> tuple[Found, list[SearchHit]]:
    """What the index finds, with texts; once more where a document was replaced or removed between the two.

    While another index was chosen, documents changed without this one: its hits on them stay stale. The last read asks
    for more and leaves them out.
    """
    for read in range(1, _READS + 1):
        last = read == _READS
        found = parts.index.query(
            tenant_id,
            vector,
            model=parts.model,
            top_k=request.top_k + (_SPARE if last else 0),
            threshold=request.threshold,
            project_id=request.project_id,
        )
        known = parts.documents.get(tenant_id, [hit.document_id for hit in found.hits])
        current = [h for h in found.hits if h.document_id in known and known[h.document_id].version == h.version]
        stale = len(found.hits) - len(current)
        if stale and not last:
            continue
        found = replace(found, hits=current[: request.top_k], stale=stale)
        ranges = [(known[hit.document_id].text_key, *hit.span[2:]) for hit in found.hits]
        try:
            texts = parts.objects.get_ranges(ranges)
        except MissingObjectError:
            continue
        hits = zip(found.hits, texts, strict=True)
        return found, [_result(hit, known[hit.document_id], text.decode()) for hit, text in hits]
    raise UnavailableError("the documents change faster than they can be read; try again")


def _result(hit: Hit, document: StoredDocument, text: str) -> SearchHit:
    return SearchHit(
        text=text,
        start=hit.span[0],
        end=hit.span[1],
        document_id=document.document_id,
        chunk_id=chunk_id(text, hit.span[0]),
        project_id=document.project_id,
        title=document.title,
        score=round(hit.score, 4),
        metadata=json.loads(document.metadata),
    )


def _note(found: Found, request: SearchRequest) -> str | None:
    if found.missing:
        return f"{found.missing} chunks could not be searched, as their vectors are lost; index their documents again"
    if found.hits:
        return None
    if found.stale:
        return "the nearest passages are of documents that were replaced or removed; index the present ones again"
    if found.best is not None:
        return (
            f"the nearest passage scores {found.best:.2f}, below the threshold of {request.threshold:g}; "
            "a lower `threshold` shows it"
        )
    if found.outdated:
        return "all documents here were indexed with another model, or into another index; index them again"
    where = " under this project" if request.project_id is not None else ""
    return f"no document is indexed{where}"


def _vector(parts: SearchParts, request: SearchRequest) -> NDArray[float32]:
    import numpy as np

    if request.query is not None:
        return np.asarray(parts.engine.embed([request.query])[0], dtype=np.float32)
    given = np.array(request.vector, dtype=np.float64)
    return np.asarray(given / np.linalg.norm(given), dtype=np.float32)
