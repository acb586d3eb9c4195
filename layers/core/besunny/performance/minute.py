"""What the schedule runs each minute: record, then take every alert one step on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from besunny.clock import to_iso
from besunny.performance.alerts import pipeline
from besunny.performance.collectors.host import host_meter
from besunny.performance.recorder import record
from besunny.performance.settings import RecorderSettings


def run_minute(
    settings: RecorderSettings, now: datetime, *, monotonic: Callable[[], float], sleep: Callable[[float], None]
) -> dict[str, Any]:
    """One run.

    Args:
        settings: of the recorder.
        now: when.
        monotonic: seconds that only grow, to measure rates with.
        sleep: waits, at most half a second, where the sample before is younger than that.

    Returns:
        `recorded_at`, how each collector did, and the alerts that changed, by rule.
    """
    snapshot = record(settings, host_meter(monotonic, sleep), now)
    changed = pipeline.run(snapshot.figures, settings, now)
    return {
        "recorded_at": to_iso(now),
        "collectors": [report.model_dump() for report in snapshot.collectors],
        "alerts": {alert.rule: str(alert.state) for alert in changed},
    }
