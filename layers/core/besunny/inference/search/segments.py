"""Segments: vectors of some documents, packed in int8 with a scale a row, as one immutable object."""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy import bool_, float32, int8, int32
from numpy.typing import NDArray

from besunny.inference.search.index import DocumentVectors

# Rows that are scored at once: a block as float32 stays in a CPU's cache.
_BLOCK = 2048


@dataclass(frozen=True)
class Member:
    """A document in a segment, and how many rows it has there, one a chunk."""

    document_id: str
    version: str
    project_id: str | None
    rows: int


@dataclass(frozen=True)
class Segment:
    """A segment in memory.

    Attributes:
        members: in the order of their rows.
        codes: int8[rows, 384]; a row times its scale is the vector, each part within half a scale.
        scales: float32[rows].
        spans: int32[rows, 4], as in `DocumentVectors`.
    """

    model: str
    members: tuple[Member, ...]
    codes: NDArray[int8]
    scales: NDArray[float32]
    spans: NDArray[int32]

    @property
    def nbytes(self) -> int:
        """Bytes of memory, about."""
        return self.codes.nbytes + self.scales.nbytes + self.spans.nbytes + 200 * len(self.members)

    def scores(self, vector: NDArray[float32]) -> NDArray[float32]:
        """The cosine of every row with a vector of L2 norm 1: float32[rows]."""
        found = np.empty(len(self.codes), dtype=np.float32)
        for start in range(0, len(found), _BLOCK):
            block = self.codes[start : start + _BLOCK].astype(np.float32)
            found[start : start + _BLOCK] = block @ vector
        return found * self.scales

    def pack(self) -> bytes:
        """The segment as bytes: numpy's npz, with the rest as JSON in an array of bytes."""
        members = [[m.document_id, m.version, m.project_id, m.rows] for m in self.members]
        header = json.dumps({"model": self.model, "members": members}).encode()
        buffer = io.BytesIO()
        np.savez(
            buffer,
            header=np.frombuffer(header, dtype=np.uint8),
            codes=self.codes,
            scales=self.scales,
            spans=self.spans,
        )
        return buffer.getvalue()


def unpack(packed: bytes) -> Segment:
    """The segment that `pack` gave; a cut or broken one fails by its checksums."""
    with np.load(io.BytesIO(packed), allow_pickle=False) as arrays:
        header = json.loads(arrays["header"].tobytes())
        return Segment(
            model=header["model"],
            members=tuple(Member(*fields) for fields in header["members"]),
            codes=arrays["codes"],
            scales=arrays["scales"],
            spans=arrays["spans"],
        )


def segment_of(documents: Sequence[DocumentVectors]) -> Segment:
    """The segment of documents of one model."""
    vectors = np.concatenate([document.vectors for document in documents])
    scales = np.maximum(np.abs(vectors).max(axis=1), 1e-9) / 127
    codes = np.rint(vectors / scales[:, None]).astype(np.int8)
    stored = [document.document for document in documents]
    return Segment(
        model=stored[0].model,
        members=tuple(Member(d.document_id, d.version, d.project_id, d.chunks) for d in stored),
        codes=codes,
        scales=scales.astype(np.float32),
        spans=np.concatenate([document.spans for document in documents]),
    )


def merge(segments: Sequence[Segment], dead: set[str]) -> Segment:
    """One segment of what is alive in several of one model; with no rows where nothing is."""
    alive = [rows_where(segment, [member.version not in dead for member in segment.members]) for segment in segments]
    return Segment(
        model=segments[0].model,
        members=tuple(m for segment in segments for m in segment.members if m.version not in dead),
        codes=np.concatenate([s.codes[rows] for s, rows in zip(segments, alive, strict=True)]),
        scales=np.concatenate([s.scales[rows] for s, rows in zip(segments, alive, strict=True)]),
        spans=np.concatenate([s.spans[rows] for s, rows in zip(segments, alive, strict=True)]),
    )


def rows_where(segment: Segment, wanted: Sequence[bool]) -> NDArray[bool_]:
    """A mask of the rows of those members that are wanted: bool[rows]."""
    return np.repeat(np.array(wanted, dtype=np.bool_), [member.rows for member in segment.members])
