"""A small DDSketch: percentiles within 1%, and two sketches merge into the sketch of both.

Masson, Rim, Lee: "DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees", VLDB 2019.
The `ddsketch` package needs protobuf, which is larger than everything else in the core layer that it would serve.
"""

import math
from collections.abc import Iterable

RELATIVE_ACCURACY = 0.01

_GAMMA = (1 + RELATIVE_ACCURACY) / (1 - RELATIVE_ACCURACY)
_LOG_GAMMA = math.log(_GAMMA)
_SMALLEST = 1e-9


class Sketch:
    """Counts of values in buckets whose width grows with the value. Values are >= 0."""

    def __init__(self) -> None:
        self._buckets: dict[int, int] = {}
        self._zeros = 0

    @property
    def count(self) -> int:
        """How many values it holds."""
        return self._zeros + sum(self._buckets.values())

    def add(self, value: float, times: int = 1) -> None:
        """Add a value, `times` times.

        Raises:
            ValueError: the value is negative or not finite, or `times` is below 1.
        """
        if not math.isfinite(value) or value < 0 or times < 1:
            raise ValueError(f"a sketch takes finite values >= 0, at least once; got {value} x {times}")
        if value < _SMALLEST:
            self._zeros += times
            return
        index = math.ceil(math.log(value) / _LOG_GAMMA)
        self._buckets[index] = self._buckets.get(index, 0) + times

    def quantile(self, q: float) -> float | None:
        """The value below which the share `q` (0 to 1) lies, within 1% of the true one; None where it is empty."""
        if self.count == 0:
            return None
        rank, seen = q * (self.count - 1), self._zeros
        if rank < seen:
            return 0.0
        for index in sorted(self._buckets):
            seen += self._buckets[index]
            if rank < seen:
                break
        return float(2 * _GAMMA**index / (_GAMMA + 1))

    @classmethod
    def merged(cls, sketches: Iterable["Sketch"]) -> "Sketch":
        """The sketch of all values of all of them."""
        whole = cls()
        for sketch in sketches:
            whole._zeros += sketch._zeros
            for index, times in sketch._buckets.items():
                whole._buckets[index] = whole._buckets.get(index, 0) + times
        return whole

    def to_stored(self) -> list[list[int]]:
        """`[[zeros], [bucket, count], ...]`, buckets in order."""
        return [[self._zeros], *([index, self._buckets[index]] for index in sorted(self._buckets))]

    @classmethod
    def from_stored(cls, stored: list[list[int]]) -> "Sketch":
        """The sketch that `to_stored` wrote."""
        sketch = cls()
        sketch._zeros = stored[0][0]
        sketch._buckets = {index: count for index, count in stored[1:]}  # noqa: C416 (dict() wants pairs)
        return sketch
