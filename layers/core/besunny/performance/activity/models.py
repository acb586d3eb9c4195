"""What is recorded of a user, and what is answered about it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from besunny.request_body import RequestBody


class ActivityType(StrEnum):
    """What a user did."""

    API_CALL = "api_call"
    WORKFLOW_EXECUTION = "workflow_execution"
    FEATURE_USAGE = "feature_usage"


class Activity(BaseModel):
    """One thing that a user did.

    Attributes:
        activity_id: of the request or event, so that a second delivery is known as one.
        tenant_id, sub: the user.
        at: when.
        activity_type: what. A call that started a workflow is a `workflow_execution`, and counts as a call too.
        feature: what was used, such as `ai-orchestration/workflows`.
        from_api: whether the API recorded it by itself.
        data_bytes: what the user sent.
        status: HTTP status, of API calls.
        duration_ms: as the caller waited, of API calls.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    activity_id: str
    tenant_id: str
    sub: str
    at: datetime
    activity_type: ActivityType
    feature: str | None = None
    from_api: bool = False
    data_bytes: int = Field(default=0, ge=0)
    status: int | None = None
    duration_ms: float | None = None

    @property
    def is_api_call(self) -> bool:
        """Whether it counts as a call of the API."""
        return self.from_api or self.activity_type is ActivityType.API_CALL


class TrackActivityBody(RequestBody):
    """What a client reports of its user; who that is, the token says."""

    activity_type: ActivityType
    feature: str | None = Field(default=None, min_length=1, max_length=100)
    data_bytes: int = Field(default=0, ge=0, le=2**40)


class TrackedActivity(BaseModel):
    """That it was recorded."""

    success: bool
    activity_id: str
    recorded_at: datetime


class ActivitySession(BaseModel):
    """A stretch of activity without a pause of 30 minutes; to the minute."""

    started_at: datetime
    ended_at: datetime
    duration_seconds: int


class ActivitySummary(BaseModel):
    """What a user did in a window of whole hours.

    Attributes:
        sub: the user.
        since: where the window begins: the start of its first hour.
        api_calls: of the API, and those that clients reported.
        workflows_executed: calls that started a workflow or batch, and those that clients reported.
        data_processed: bytes that the user sent.
        session_duration: seconds, all sessions together.
        sessions: the newest 100, newest first.
        session_count: all of them.
        features_used: names, sorted.
        last_activity: null where there was none in the window.
    """

    sub: str
    time_period_hours: int
    since: datetime
    api_calls: int
    workflows_executed: int
    data_processed: int
    session_duration: int
    session_count: int
    sessions: list[ActivitySession]
    features_used: list[str]
    last_activity: datetime | None
