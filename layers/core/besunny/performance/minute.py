"""What the schedule runs each minute: record, take every alert one step on, and roll up in the time that is left."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from besunny.clock import to_iso
from besunny.performance.alerts import pipeline
from besunny.performance.collectors.host import host_meter
from besunny.performance.recorder import record
from besunny.performance.rollup import roll_up
from besunny.performance.settings import RecorderSettings

_RESERVE_MS = 10_000  # for the source's period that is under way when time ends, and for the answer


def run_minute(
    settings: RecorderSettings,
    now: datetime,
    *,
    remaining_ms: Callable[[], int],
    monotonic: Callable[[], float],
    sleep: Callable[[float], None],
) -> dict[str, Any]:
    """One run.

    Args:
        settings: of the recorder.
        now: when.
        remaining_ms: milliseconds until this invocation is killed; rollups end before.
        monotonic: seconds that only grow, to measure rates with.
        sleep: waits, at most half a second, where the sample before is younger than that.

    Returns:
        `recorded_at`, how each collector did, the alerts that changed, by rule, and how many periods were closed.

    Raises:
        ExceptionGroup: learned rules that could not be judged, notices that could not be sent; all else is done.
    """
    snapshot = record(settings, host_meter(monotonic, sleep), now)
    try:
        changed = pipeline.run(snapshot.figures, settings, now)
    finally:
        closed = roll_up(settings.metrics_table, snapshot.sources, now, has_time=lambda: remaining_ms() > _RESERVE_MS)
    return {
        "recorded_at": to_iso(now),
        "collectors": [report.model_dump() for report in snapshot.collectors],
        "alerts": {alert.rule: str(alert.state) for alert in changed},
        "closed": closed,
    }
