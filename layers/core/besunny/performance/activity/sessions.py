"""Sessions out of the minutes in which a user was active."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from besunny.performance.activity.models import ActivitySession

GAP = timedelta(minutes=30)


def sessions_of(minutes: Iterable[datetime]) -> list[ActivitySession]:
    """Sessions, oldest first: a pause of more than 30 minutes ends one."""
    found: list[tuple[datetime, datetime]] = []
    for minute in sorted(set(minutes)):
        if found and minute - found[-1][1] <= GAP:
            found[-1] = (found[-1][0], minute)
        else:
            found.append((minute, minute))
    return [
        ActivitySession(started_at=first, ended_at=last, duration_seconds=int((last - first).total_seconds()))
        for first, last in found
    ]
