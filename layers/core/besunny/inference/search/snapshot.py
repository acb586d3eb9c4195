"""A tenant's embedded index at one moment, in memory, and the exact search over it."""

from collections.abc import Sequence

import numpy as np
from numpy import float32
from numpy.typing import NDArray

from besunny.inference.search.index import Found, Hit
from besunny.inference.search.segments import Segment, rows_where


class Snapshot:
    """All of a tenant's segments.

    Args:
        dead: versions that no query may find.
    """

    def __init__(self, segments: Sequence[Segment], dead: set[str]) -> None:
        self._segments = segments
        self._alive = [[member.version not in dead for member in segment.members] for segment in segments]
        self._rows = [rows_where(segment, alive) for segment, alive in zip(segments, self._alive, strict=True)]
        self._ends = [np.cumsum([member.rows for member in segment.members]) for segment in segments]

    def query(
        self, vector: NDArray[float32], *, model: str, top_k: int, threshold: float, project_id: str | None
    ) -> Found:
        """Every chunk is compared; ties go by document and place, so that the same index answers the same."""
        best: list[tuple[float, int, int]] = []
        searched = above = outdated = 0
        top = None
        for number, segment in enumerate(self._segments):
            rows = np.flatnonzero(self._wanted(number, project_id))
            if segment.model != model:
                outdated += len(rows)
                continue
            if not len(rows):
                continue
            scores = segment.scores(vector)[rows]
            searched += len(rows)
            highest = float(scores.max())
            top = highest if top is None else max(top, highest)
            near = np.flatnonzero(scores >= threshold)
            above += len(near)
            if len(near) > top_k:
                # All that tie with the last place stay, for the order among them to be the same every time.
                place = np.partition(scores[near], len(near) - top_k)[len(near) - top_k]
                near = near[scores[near] >= place]
            best += [(float(scores[row]), number, int(rows[row])) for row in near]
        hits = sorted(
            (self._hit(number, row, score) for score, number, row in best),
            key=lambda hit: (-hit.score, hit.document_id, hit.number),
        )
        return Found(hits=hits[:top_k], searched=searched, below=searched - above, best=top, outdated=outdated)

    def _wanted(self, number: int, project_id: str | None) -> NDArray[np.bool_]:
        if project_id is None:
            return self._rows[number]
        segment = self._segments[number]
        members = zip(segment.members, self._alive[number], strict=True)
        return rows_where(segment, [alive and member.project_id == project_id for member, alive in members])

    def _hit(self, number: int, row: int, score: float) -> Hit:
        segment, ends = self._segments[number], self._ends[number]
        place = int(np.searchsorted(ends, row, side="right"))
        member = segment.members[place]
        start, end, byte_start, byte_end = (int(value) for value in segment.spans[row])
        inside = row - int(ends[place]) + member.rows
        return Hit(member.document_id, member.version, inside, (start, end, byte_start, byte_end), score)
