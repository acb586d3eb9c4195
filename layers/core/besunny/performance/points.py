"""A point: what one series did in one minute, hour or day. Points of one series merge."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from besunny.performance.sketch import Sketch

_MOST_SAMPLES = 200


@dataclass(frozen=True)
class Point:
    """Figures of one series over one period.

    Attributes:
        count: samples; of a counter such as `request_count`: minutes that were observed.
        total: their sum.
        low: the least.
        high: the greatest.
        sketch: their distribution, where it is known.
    """

    count: int
    total: float
    low: float
    high: float
    sketch: Sketch | None = None

    @property
    def average(self) -> float:
        """Mean of the samples."""
        return self.total / self.count

    def quantile(self, q: float) -> float | None:
        """The quantile `q` (0 to 1), never outside what was seen; None where the distribution is not known."""
        value = self.sketch.quantile(q) if self.sketch else None
        return None if value is None else min(max(value, self.low), self.high)


Points = dict[str, Point]
"""Series name -> its point in one period."""


def single(value: float) -> Point:
    """The point of one sample."""
    sketch = Sketch()
    sketch.add(value)
    return Point(count=1, total=value, low=value, high=value, sketch=sketch)


def merged(points: Iterable[Point]) -> Point:
    """The point of all their samples; its distribution is known only where each one's is.

    Raises:
        ValueError: there are none.
    """
    parts = list(points)
    if not parts:
        raise ValueError("there is nothing to merge")
    sketches = [part.sketch for part in parts if part.sketch is not None]
    return Point(
        count=sum(part.count for part in parts),
        total=math.fsum(part.total for part in parts),
        low=min(part.low for part in parts),
        high=max(part.high for part in parts),
        sketch=Sketch.merged(sketches) if len(sketches) == len(parts) else None,
    )


def merged_series(periods: Iterable[Points]) -> Points:
    """Series by series, the merge over all periods."""
    found: dict[str, list[Point]] = {}
    for points in periods:
        for name, point in points.items():
            found.setdefault(name, []).append(point)
    return {name: merged(parts) for name, parts in found.items()}


def with_distribution(point: Point, knots: Mapping[float, float]) -> Point:
    """The point with a sketch drawn from the quantiles that CloudWatch gives in place of a distribution.

    Exact at the knots, and log-linear between them: a minute's p95 is right, a p97 between p95 and p99 is an estimate.

    Args:
        point: of non-negative samples.
        knots: quantile (0 to 1) -> value; least and greatest are taken from the point.
    """
    known = [(0.0, point.low), *sorted((q, v) for q, v in knots.items() if 0 < q < 1), (1.0, point.high)]
    sketch = Sketch()
    drawn = min(point.count, _MOST_SAMPLES)
    for number in range(drawn):
        # Shares of the count that add up to it exactly, whatever the rounding.
        times = point.count * (number + 1) // drawn - point.count * number // drawn
        sketch.add(_between(known, number / (drawn - 1) if drawn > 1 else 0.5), times)
    return replace(point, sketch=sketch)


def _between(knots: list[tuple[float, float]], q: float) -> float:
    for (q0, v0), (q1, v1) in pairwise(knots):
        if q <= q1:
            share = (q - q0) / (q1 - q0)
            if v0 <= 0 or v1 <= 0:
                return max(v0 + share * (v1 - v0), 0.0)
            return math.exp(math.log(v0) + share * (math.log(v1) - math.log(v0)))
    return knots[-1][1]


def to_text(points: Points) -> str:
    """The points as JSON: one attribute of an item. As DynamoDB maps, a window would take seconds to decode."""
    plain = {
        name: [p.count, p.total, p.low, p.high, *([p.sketch.to_stored()] if p.sketch else [])]
        for name, p in sorted(points.items())
    }
    return json.dumps(plain, separators=(",", ":"))


def from_text(text: str) -> Points:
    """The points that `to_text` wrote."""
    return {name: _from_plain(values) for name, values in json.loads(text).items()}


def _from_plain(values: list[Any]) -> Point:
    count, total, low, high, *rest = values
    return Point(count, total, low, high, Sketch.from_stored(rest[0]) if rest else None)
