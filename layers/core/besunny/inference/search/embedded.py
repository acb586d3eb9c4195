"""The index that needs nothing but S3 and DynamoDB: segments of vectors, a manifest, exact search in memory.

A put writes one immutable segment and then, in one transaction, the manifest that names it and the documents' items.
What is replaced or removed is dead in the same transaction. A query reads the manifest consistently and keeps segments
in memory, so it sees every change that was answered before it. See docs/adr/0011.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from besunny.errors import ConflictError, ForbiddenError, UnavailableError
from besunny.inference.search.documents import DocumentItems
from besunny.inference.search.index import DocumentVectors, Found, Put, StoredDocument, check_changeable
from besunny.inference.search.manifest import Manifest, Manifests, SegmentEntry
from besunny.inference.search.objects import MissingObjectError, Objects
from besunny.inference.search.retry import Sleep, until_written
from besunny.inference.search.segment_cache import SegmentCache, segment_key
from besunny.inference.search.segments import Segment, merge, segment_of
from besunny.inference.search.snapshot import Snapshot
from besunny.inference.search.sweeps import Sweep, Sweeps
from besunny.observability.logs import logger
from besunny.observability.metrics import emit_count
from besunny.projects import Editor

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from numpy import float32
    from numpy.typing import NDArray

_READS = 5


class EmbeddedIndex:
    """The embedded index of all tenants.

    Args:
        max_chunks: the most chunks of one tenant.
        cache_bytes: of segments that are kept in memory.
        make_id: gives ids that nobody else has.
        sleep: waits that many seconds when others change the same index.
    """

    name = "embedded"

    def __init__(
        self,
        client: DynamoDBClient,
        table: str,
        objects: Objects,
        *,
        max_chunks: int,
        cache_bytes: int,
        make_id: Callable[[], str] = lambda: secrets.token_hex(8),
        sleep: Sleep = time.sleep,
    ) -> None:
        self._client = client
        self._manifests = Manifests(client, table)
        self._documents = DocumentItems(client, table)
        self._sweeps = Sweeps(client, table)
        self._objects = objects
        self._max_chunks = max_chunks
        self._cache = SegmentCache(objects, max_bytes=cache_bytes)
        self._make_id = make_id
        self._sleep = sleep
        self._last: tuple[str, int, Snapshot] | None = None

    @property
    def max_chunks(self) -> int | None:
        """The most that one tenant may have."""
        return self._max_chunks

    def put(self, editor: Editor, documents: Sequence[DocumentVectors], *, now: datetime) -> Put:
        """As `VectorIndex.put`."""
        tenant_id = editor.tenant_id
        self._tidy(tenant_id, now)
        segment = segment_of(documents)
        stored = [document.document for document in documents]
        entry = self._entry_of(segment)
        bodies = {document.document.text_key: document.text for document in documents}
        bodies[segment_key(tenant_id, entry.segment_id)] = segment.pack()
        new = Sweep(sweep_id=self._make_id(), objects=list(bodies))
        left = Sweep(sweep_id=self._make_id())
        self._sweeps.announce(tenant_id, new, now=now)
        self._objects.put(bodies)
        done = Put({}, None)

        def attempt() -> tuple[list[dict[str, Any]], Put]:
            nonlocal done
            manifest = self._manifests.get(tenant_id)
            if entry in manifest.segments:
                return [], done  # the try before did write: its answer was lost
            old = self._documents.get(tenant_id, [document.document_id for document in stored])
            check_changeable(old.values(), editor)
            own = [document for document in old.values() if document.index == self.name]
            more = entry.rows - sum(document.chunks for document in own)
            self._check_room(manifest, more)
            gone = [document.version for document in own]
            after, empty = manifest.changed(added=entry, gone=gone, chunks=more)
            left.objects = [document.text_key for document in old.values()]
            left.objects += [segment_key(tenant_id, one.segment_id) for one in empty]
            writes = [
                self._manifests.put(tenant_id, after),
                *(self._documents.put(tenant_id, document) for document in stored),
                *self._hand_over(tenant_id, new, left, now),
                self._documents.audit(
                    tenant_id,
                    action="indexed",
                    actor=editor.sub,
                    change=new.sweep_id,
                    now=now,
                    detail={"documents": len(stored), "chunks": entry.rows, "replaced": len(old)},
                ),
            ]
            done = Put({name: document.version for name, document in old.items()}, after.chunks)
            return writes, done

        try:
            done = until_written(self._client, attempt, sleep=self._sleep)
        except (ConflictError, ForbiddenError, UnavailableError):
            if self._sweeps.is_announced(tenant_id, new):
                self._sweep(tenant_id, new)
            raise
        return done

    def delete(self, editor: Editor, document_id: str, *, now: datetime) -> bool:
        """As `VectorIndex.delete`."""
        tenant_id = editor.tenant_id
        self._tidy(tenant_id, now)
        # Deleted when no query and no state restored from a moment ago names them any more.
        left = Sweep(sweep_id=self._make_id())

        def attempt() -> tuple[list[dict[str, Any]], bool]:
            manifest = self._manifests.get(tenant_id)
            old = self._documents.get(tenant_id, [document_id]).get(document_id)
            if old is None:
                return [], False
            check_changeable([old], editor)
            own = [old] if old.index == self.name else []
            gone, chunks = [document.version for document in own], sum(document.chunks for document in own)
            after, empty = manifest.changed(added=None, gone=gone, chunks=-chunks)
            left.objects = [old.text_key, *(segment_key(tenant_id, one.segment_id) for one in empty)]
            writes = [
                self._manifests.put(tenant_id, after),
                self._documents.remove(tenant_id, document_id),
                self._sweeps.left_for_later(tenant_id, left, now=now),
                self._documents.audit(
                    tenant_id,
                    action="removed",
                    actor=editor.sub,
                    change=left.sweep_id,
                    now=now,
                    detail={"documents": 1, "chunks": old.chunks},
                ),
            ]
            return writes, True

        return until_written(self._client, attempt, sleep=self._sleep)

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
        """As `VectorIndex.query`; every chunk is compared."""
        snapshot, missing = self._snapshot(tenant_id)
        found = snapshot.query(vector, model=model, top_k=top_k, threshold=threshold, project_id=project_id)
        return replace(found, missing=missing)

    def _snapshot(self, tenant_id: str) -> tuple[Snapshot, int]:
        """What can be searched, and how many chunks cannot as their segment is lost."""
        for _ in range(_READS):
            manifest = self._manifests.get(tenant_id)
            if self._last and self._last[:2] == (tenant_id, manifest.number):
                return self._last[2], 0
            try:
                segments = self._cache.get(tenant_id, [entry.segment_id for entry in manifest.segments])
            except MissingObjectError:
                continue  # merged or emptied since the manifest was read
            snapshot = Snapshot(segments, set(manifest.dead))
            self._last = (tenant_id, manifest.number, snapshot)
            return snapshot, 0
        present, lost = self._present(tenant_id, manifest)
        missing = sum(entry.rows for entry in lost)
        emit_count("SearchChunksMissing", missing)
        return Snapshot(present, set(manifest.dead)), missing

    def _present(self, tenant_id: str, manifest: Manifest) -> tuple[list[Segment], list[SegmentEntry]]:
        """The segments of a manifest that can be read, and those whose objects are missing."""
        present: list[Segment] = []
        lost: list[SegmentEntry] = []
        for entry in manifest.segments:
            try:
                present += self._cache.get(tenant_id, [entry.segment_id])
            except MissingObjectError:
                lost.append(entry)
                logger().exception("a segment of the index is missing", extra={"segment_id": entry.segment_id})
        return present, lost

    def _tidy(self, tenant_id: str, now: datetime) -> None:
        """Delete what is due, and merge segments where they are many: before the change, whose failure it would be."""
        for sweep in self._sweeps.due(tenant_id, now=now):
            self._sweep(tenant_id, sweep)
        for old in self._manifests.get(tenant_id).to_merge():
            self._merge(tenant_id, old, now)

    def _merge(self, tenant_id: str, old: list[SegmentEntry], now: datetime) -> None:
        dead = set(self._manifests.get(tenant_id).dead)
        try:
            segments = self._cache.get(tenant_id, [entry.segment_id for entry in old])
        except MissingObjectError:
            # Another one merged them; or they are lost, and the merge goes on without them at the next change.
            self._drop_lost(tenant_id, now)
            return
        removed = dead & {member.version for segment in segments for member in segment.members}
        merged = merge(segments, dead)
        entry = self._entry_of(merged)
        new = Sweep(sweep_id=self._make_id(), objects=[segment_key(tenant_id, entry.segment_id)])
        left = Sweep(sweep_id=self._make_id(), objects=[segment_key(tenant_id, one.segment_id) for one in old])
        self._sweeps.announce(tenant_id, new, now=now)
        if entry.rows:
            self._objects.put({new.objects[0]: merged.pack()})

        def attempt() -> tuple[list[dict[str, Any]], bool]:
            manifest = self._manifests.get(tenant_id)
            if entry in manifest.segments:
                return [], True
            after = manifest.merged(old, entry if entry.rows else None, removed)
            if after is None:
                return [], False
            return [self._manifests.put(tenant_id, after), *self._hand_over(tenant_id, new, left, now)], True

        done = until_written(self._client, attempt, sleep=self._sleep)
        if not done:
            self._sweep(tenant_id, new)

    def _drop_lost(self, tenant_id: str, now: datetime) -> None:
        """Take segments whose objects are lost out of the manifest; indexing their documents again is a change then."""
        without: list[StoredDocument] = []

        def attempt() -> tuple[list[dict[str, Any]], int]:
            manifest = self._manifests.get(tenant_id)
            present, lost = self._present(tenant_id, manifest)
            if not lost:
                return [], 0
            held = {member.version: member.rows for segment in present for member in segment.members}
            after = manifest.without(lost, held)
            without[:] = self._documents.without_vectors(tenant_id, index=self.name, held=held)
            chunks = manifest.chunks - after.chunks
            audit = self._documents.audit(
                tenant_id,
                action="vectors_lost",
                actor="system:index",
                change=self._make_id(),
                now=now,
                detail={"documents": len(without), "chunks": chunks, "segments": len(lost)},
            )
            return [self._manifests.put(tenant_id, after), audit], chunks

        dropped = until_written(self._client, attempt, sleep=self._sleep)
        for document in without:
            self._documents.mark_lost(tenant_id, document)
        if dropped:
            logger().error("lost segments are taken out of the index", extra={"chunks": dropped})
            emit_count("SearchChunksMissing", dropped)

    def _entry_of(self, segment: Segment) -> SegmentEntry:
        sole = segment.members[0].version if len(segment.members) == 1 else None
        return SegmentEntry(segment_id=self._make_id(), rows=len(segment.codes), model=segment.model, sole=sole)

    def _check_room(self, manifest: Manifest, more: int) -> None:
        if more > 0 and manifest.chunks + more > self._max_chunks:
            raise ConflictError(
                f"the index holds {manifest.chunks:,} chunks of at most {self._max_chunks:,} and {more:,} more do not "
                "fit; remove documents first, or cut into larger chunks"
            )

    def _hand_over(self, tenant_id: str, new: Sweep, left: Sweep, now: datetime) -> list[dict[str, Any]]:
        kept = self._sweeps.kept(tenant_id, new)
        return [kept, self._sweeps.left_for_later(tenant_id, left, now=now)] if left else [kept]

    def _sweep(self, tenant_id: str, sweep: Sweep) -> None:
        if sweep:
            self._objects.delete(sweep.objects)
            self._sweeps.done(tenant_id, sweep)
