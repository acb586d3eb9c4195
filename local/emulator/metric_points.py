"""Metric points as ministack stores them: merging old ones into counted values of their minute."""

from __future__ import annotations

from typing import Any

RECENT_SECONDS = 300.0
KEPT_SECONDS = 15 * 86400.0


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
