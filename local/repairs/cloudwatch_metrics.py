"""Metrics stay small for as long as the stack runs, and no point is lost while they are read.

AWS keeps points of a minute for 15 days (AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html, metrics
retention). Stock ministack keeps each single value, and at every request rebuilds the lists that other threads add to,
which loses what they add. Here values older than a few minutes are merged into counted values of their minute, to three
digits: sums, averages and percentiles stay what they were, within half a percent.
"""

from __future__ import annotations

import threading
import time

from ministack.services import cloudwatch

from local.emulator.metric_points import compact
from local.repairs.pins import expect

EVERY_SECONDS = 60.0


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
