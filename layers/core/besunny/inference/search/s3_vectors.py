"""The index on Amazon S3 Vectors: an index of its own for each tenant and model, documents' items in DynamoDB.

S3 Vectors knows no transactions, so a vector counts only while its version is that of the document's item: vectors
that are written before it, or left after it, are found by no query, and swept.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from besunny.errors import UnavailableError
from besunny.inference.contracts.embeddings import DIMENSIONS
from besunny.inference.search.documents import DocumentItems
from besunny.inference.search.index import DocumentVectors, Found, Hit, Put, StoredDocument, check_changeable
from besunny.inference.search.objects import Objects
from besunny.inference.search.retry import Sleep, until_written
from besunny.inference.search.sweeps import Sweep, Sweeps, Vectors
from besunny.projects import Editor

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from numpy import float32
    from numpy.typing import NDArray

# Limits of the service: vectors of one PutVectors or DeleteVectors, and results that one answer of QueryVectors holds.
_AT_ONCE = 500
_MOST_RESULTS = 100
# Vectors that are replaced and not yet swept may stand before those that count.
_SPARE_RESULTS = 20
_BUSY = frozenset(("TooManyRequestsException", "ServiceUnavailableException"))


class S3VectorsIndex:
    """All tenants' vectors in one vector bucket.

    Args:
        vectors: gives boto3's `s3vectors` client.
        bucket_arn: of the vector bucket.
        make_id, sleep: as for `EmbeddedIndex`.
    """

    name = "s3-vectors"
    max_chunks: int | None = None

    def __init__(
        self,
        client: DynamoDBClient,
        table: str,
        objects: Objects,
        vectors: Callable[[], Any],
        bucket_arn: str,
        *,
        make_id: Callable[[], str] = lambda: secrets.token_hex(8),
        sleep: Sleep = time.sleep,
    ) -> None:
        self._client = client
        self._documents = DocumentItems(client, table)
        self._sweeps = Sweeps(client, table)
        self._objects = objects
        self._vectors = vectors
        self._bucket_arn = bucket_arn
        self._make_id = make_id
        self._sleep = sleep

    def put(self, editor: Editor, documents: Sequence[DocumentVectors], *, now: datetime) -> Put:
        """As `VectorIndex.put`."""
        tenant_id = editor.tenant_id
        self._sweep_due(tenant_id, now)
        stored = [document.document for document in documents]
        new = self._things_of(tenant_id, stored)
        left = Sweep(sweep_id=self._make_id())
        self._sweeps.announce(tenant_id, new, now=now)
        self._objects.put({document.document.text_key: document.text for document in documents})
        self._put_vectors(_index_name(tenant_id, stored[0].model), documents)

        def attempt() -> tuple[list[dict[str, Any]], Put]:
            old = self._documents.get(tenant_id, [document.document_id for document in stored])
            check_changeable(old.values(), editor)
            things = self._things_of(tenant_id, list(old.values()))
            left.objects, left.vectors = things.objects, things.vectors
            writes = [
                *(
                    self._documents.only_over(self._documents.put(tenant_id, document), old.get(document.document_id))
                    for document in stored
                ),
                self._sweeps.kept(tenant_id, new),
                *([self._sweeps.left(tenant_id, left, now=now)] if left else []),
                self._documents.audit(
                    tenant_id,
                    action="indexed",
                    actor=editor.sub,
                    change=new.sweep_id,
                    now=now,
                    detail={"documents": len(stored), "replaced": len(old)},
                ),
            ]
            return writes, Put({name: document.version for name, document in old.items()}, None)

        done = until_written(self._client, attempt, sleep=self._sleep)
        self.sweep(tenant_id, left)
        return done

    def delete(self, editor: Editor, document_id: str, *, now: datetime) -> bool:
        """As `VectorIndex.delete`."""
        tenant_id = editor.tenant_id
        self._sweep_due(tenant_id, now)
        left = Sweep(sweep_id=self._make_id())

        def attempt() -> tuple[list[dict[str, Any]], bool]:
            old = self._documents.get(tenant_id, [document_id]).get(document_id)
            if old is None:
                return [], False
            check_changeable([old], editor)
            things = self._things_of(tenant_id, [old])
            left.objects, left.vectors = things.objects, things.vectors
            writes = [
                self._documents.only_over(self._documents.remove(tenant_id, document_id), old),
                self._sweeps.left(tenant_id, left, now=now),
                self._documents.audit(
                    tenant_id,
                    action="removed",
                    actor=editor.sub,
                    change=left.sweep_id,
                    now=now,
                    detail={"documents": 1},
                ),
            ]
            return writes, True

        done = until_written(self._client, attempt, sleep=self._sleep)
        self.sweep(tenant_id, left)
        return done

    def query(
        self,
        tenant_id: str,
        vector: NDArray[float32],
        *,
        model: str,
        top_k: int,
        threshold: float,
        project_id: str | None,
    ) -> Found:
        """As `VectorIndex.query`; approximate, and the counts are of what the service returned, not of all chunks."""
        request: dict[str, Any] = {
            "indexArn": self._arn(_index_name(tenant_id, model)),
            "topK": min(top_k + _SPARE_RESULTS, _MOST_RESULTS),
            "queryVector": {"float32": vector.tolist()},
            "returnMetadata": True,
            "returnDistance": True,
        }
        if project_id is not None:
            request["filter"] = {"project": {"$eq": _project_mark(project_id)}}
        client = self._vectors()
        try:
            answer = self._called(client.query_vectors, request)
        except client.exceptions.NotFoundException:
            answer = {"vectors": []}  # nothing was indexed with this model yet
        hits = [_hit(entry) for entry in answer["vectors"]]
        known = self._documents.get(tenant_id, [hit.document_id for hit in hits])
        current = [h for h in hits if h.document_id in known and known[h.document_id].version == h.version]
        current.sort(key=lambda hit: (-hit.score, hit.document_id, hit.number))
        near = [hit for hit in current if hit.score >= threshold]
        best = current[0].score if current else None
        # The vectors of another model lie in an index of their own: that there are some is told by their documents.
        outdated = 0
        if not current:
            outdated = self._documents.chunks_of_others(tenant_id, project_id, model=model, index=self.name)
        return Found(hits=near[:top_k], searched=None, below=len(current) - len(near), best=best, outdated=outdated)

    def _put_vectors(self, index: str, documents: Sequence[DocumentVectors]) -> None:
        client = self._vectors()
        entries = [entry for document in documents for entry in _entries(document)]
        for first in range(0, len(entries), _AT_ONCE):
            request = {"indexArn": self._arn(index), "vectors": entries[first:][:_AT_ONCE]}
            try:
                self._called(client.put_vectors, request)
            except client.exceptions.NotFoundException:
                self._create(index)
                self._called(client.put_vectors, request)

    def _create(self, index: str) -> None:
        client = self._vectors()
        request = {
            "vectorBucketArn": self._bucket_arn,
            "indexName": index,
            "dataType": "float32",
            "dimension": DIMENSIONS,
            "distanceMetric": "cosine",
            "metadataConfiguration": {"nonFilterableMetadataKeys": ["document_id", "version", "number", "span"]},
        }
        try:
            self._called(client.create_index, request)
        except client.exceptions.ConflictException:
            return  # another request made it in the same moment

    def _arn(self, index: str) -> str:
        return f"{self._bucket_arn}/index/{index}"

    def _called(self, operation: Callable[..., Any], request: dict[str, Any]) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = operation(**request)
        except self._vectors().exceptions.ClientError as error:
            if error.response["Error"]["Code"] in _BUSY:
                raise UnavailableError("the vector store is busy; try again") from error
            raise
        return answer

    def _things_of(self, tenant_id: str, documents: Sequence[StoredDocument]) -> Sweep:
        return Sweep(
            sweep_id=self._make_id(),
            objects=[document.text_key for document in documents],
            vectors=[
                Vectors(index=_index_name(tenant_id, d.model), version=d.version, chunks=d.chunks)
                for d in documents
                if d.index == self.name
            ],
        )

    def _sweep_due(self, tenant_id: str, now: datetime) -> None:
        for sweep in self._sweeps.due(tenant_id, now=now):
            self.sweep(tenant_id, sweep)

    def sweep(self, tenant_id: str, sweep: Sweep) -> None:
        """Delete what a sweep names, and forget it."""
        if not sweep:
            return
        client = self._vectors()
        for one in sweep.vectors:
            keys = [_vector_key(one.version, number) for number in range(one.chunks)]
            for first in range(0, len(keys), _AT_ONCE):
                request = {"indexArn": self._arn(one.index), "keys": keys[first:][:_AT_ONCE]}
                try:
                    self._called(client.delete_vectors, request)
                except client.exceptions.NotFoundException:
                    break  # the index was never made
        self._objects.delete(sweep.objects)
        self._sweeps.done(tenant_id, sweep)


def _index_name(tenant_id: str, model: str) -> str:
    """A name of 3 to 63 small letters, digits and hyphens that no other tenant's index has."""
    return "t-" + hashlib.sha256(json.dumps((tenant_id, model)).encode()).hexdigest()[:48]


def _project_mark(project_id: str) -> str:
    # Metadata to filter by may be 2 KB long; a project's id may be longer than what is left of that.
    return hashlib.sha256(project_id.encode()).hexdigest()[:32]


def _vector_key(version: str, number: int) -> str:
    return f"{version}-{number}"


def _entries(document: DocumentVectors) -> Iterator[dict[str, Any]]:
    stored = document.document
    project = {} if stored.project_id is None else {"project": _project_mark(stored.project_id)}
    for number, (vector, span) in enumerate(zip(document.vectors, document.spans, strict=True)):
        metadata = {
            "document_id": stored.document_id,
            "version": stored.version,
            "number": number,
            "span": json.dumps(span.tolist()),
            **project,
        }
        key = _vector_key(stored.version, number)
        yield {"key": key, "data": {"float32": vector.tolist()}, "metadata": metadata}


def _hit(entry: dict[str, Any]) -> Hit:
    metadata = entry["metadata"]
    start, end, byte_start, byte_end = json.loads(metadata["span"])
    return Hit(
        document_id=metadata["document_id"],
        version=metadata["version"],
        number=int(metadata["number"]),
        span=(start, end, byte_start, byte_end),
        # The service's distance is one minus the cosine.
        score=1 - float(entry["distance"]),
    )
