"""Metrics stay small for as long as the stack runs, and no point is lost while they are read.

AWS keeps points of a minute for 15 days (AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html, metrics
retention). Stock ministack keeps each single value, and at every request rebuilds the lists that other threads add to,
which loses what they add. Here values older than a few minutes are merged into counted values of their minute, to three
digits: sums, averages and percentiles stay what they were, within half a percent.
"""

from __future__ import annotations

import threading
import time
from typing import Any

from ministack.services import cloudwatch

from local.repairs.pins import expect

EVERY_SECONDS = 60.0
RECENT_SECONDS = 300.0
KEPT_SECONDS = 15 * 86400.0


def apply() -> None:
    expect(cloudwatch, "_evict_old_metrics")
    expect(cloudwatch, "_metrics")
    cloudwatch._evict_old_metrics = _evicted_elsewhere
    threading.Thread(target=_run, daemon=True, name="metrics").start()


def _evicted_elsewhere() -> None:
    """ministack's own eviction, at every request: `_run` does it."""


def _run() -> None:
    while True:
        time.sleep(EVERY_SECONDS)
        now = time.time()
        for points in list(cloudwatch._metrics._data.values()):
            # In place: others may add to the end of the list meanwhile.
            size = len(points)
            points[:size] = compact(points[:size], now)


def compact(points: list[dict[str, Any]], now: float) -> list[dict[str, Any]]:
    """The points with old values counted by the minute, and without those that are too old."""
    merged: dict[tuple[float, str, float], dict[str, Any]] = {}
    kept: list[dict[str, Any]] = []
    for point in points:
        at = point["Timestamp"]
        if at < now - KEPT_SECONDS:
            continue
        if "_stat" in point or at > now - RECENT_SECONDS:
            kept.append(point)
            continue
        minute, value = at - at % 60, float(f"{point['Value']:.3g}")
        key = (minute, point["Unit"], value)
        count = point.get("Count", 1.0)
        if key in merged:
            merged[key]["Count"] += count
        else:
            merged[key] = {**point, "Timestamp": minute, "Value": value, "Count": count}
    return [*merged.values(), *kept]
