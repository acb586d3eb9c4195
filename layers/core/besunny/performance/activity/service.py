"""Track what a user did, and sum it up."""

from __future__ import annotations

from datetime import datetime, timedelta

from besunny.errors import FieldError, InvalidInputError
from besunny.performance.activity.models import (
    Activity,
    ActivitySummary,
    ActivityType,
    TrackActivityBody,
    TrackedActivity,
)
from besunny.performance.activity.sessions import sessions_of
from besunny.performance.activity.store import newest_event, read_hours, record_activity
from besunny.performance.metric_store import Resolution

_MOST_SESSIONS = 100


def track(
    table: str, body: TrackActivityBody, *, tenant_id: str, sub: str, activity_id: str, now: datetime
) -> TrackedActivity:
    """Record what a client reports of its user.

    Raises:
        InvalidInputError: `feature_usage` without a feature.
        botocore.exceptions.ClientError: DynamoDB did not take it.
    """
    if body.activity_type is ActivityType.FEATURE_USAGE and body.feature is None:
        raise InvalidInputError(FieldError("feature", "missing for `feature_usage`", "name what was used"))
    activity = Activity(activity_id=activity_id, tenant_id=tenant_id, sub=sub, at=now, **body.model_dump())
    record_activity(table, activity)
    return TrackedActivity(success=True, activity_id=activity_id, recorded_at=now)


def activity_summary(table: str, *, tenant_id: str, sub: str, hours: int, now: datetime) -> ActivitySummary:
    """What a user did in the last hours, 1 to 720; the first of them is taken whole."""
    since = Resolution.HOUR.floor(now - timedelta(hours=hours))
    used = read_hours(table, tenant_id, sub, since, now)
    sessions = sessions_of(minute for hour in used for minute in hour.minutes)
    return ActivitySummary(
        sub=sub,
        time_period_hours=hours,
        since=since,
        api_calls=sum(hour.api_calls for hour in used),
        workflows_executed=sum(hour.workflows_executed for hour in used),
        data_processed=sum(hour.data_processed for hour in used),
        session_duration=sum(session.duration_seconds for session in sessions),
        session_count=len(sessions),
        sessions=sessions[::-1][:_MOST_SESSIONS],
        features_used=sorted({feature for hour in used for feature in hour.features}),
        last_activity=newest_event(table, tenant_id, sub) if used else None,
    )
