"""Segments that this process keeps in memory: they never change, so only their number is bounded."""

from collections import OrderedDict
from collections.abc import Sequence

from besunny.inference.search.objects import Objects, object_key
from besunny.inference.search.segments import Segment, unpack


class SegmentCache:
    """The segments used last, up to a number of bytes; those of one query are loaded whatever they take."""

    def __init__(self, objects: Objects, *, max_bytes: int) -> None:
        self._objects = objects
        self._max_bytes = max_bytes
        self._held: OrderedDict[str, Segment] = OrderedDict()

    def get(self, tenant_id: str, segment_ids: Sequence[str]) -> list[Segment]:
        """The segments, in this order, loaded at once where they are not held.

        Raises:
            MissingObjectError: one is gone.
        """
        keys = [segment_key(tenant_id, segment_id) for segment_id in segment_ids]
        absent = [key for key in keys if key not in self._held]
        loaded = dict(zip(absent, map(unpack, self._objects.get(absent)), strict=True))
        found = [loaded[key] if key in loaded else self._held[key] for key in keys]
        for key, segment in zip(keys, found, strict=True):
            self._held[key] = segment
            self._held.move_to_end(key)
        self._shrink()
        return found

    def _shrink(self) -> None:
        total = sum(segment.nbytes for segment in self._held.values())
        while total > self._max_bytes:
            _, segment = self._held.popitem(last=False)
            total -= segment.nbytes


def segment_key(tenant_id: str, segment_id: str) -> str:
    """The object of a segment; its tenant is in it, so that no id leads to another's."""
    return object_key(tenant_id, "segments", f"{segment_id}.npz")
