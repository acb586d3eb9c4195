"""The open `GET /health`: that the API answers, and how old the recorder's newest figures are."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from besunny.clock import from_iso
from besunny.performance.metric_store import SNAPSHOT, read_document


class Liveness(BaseModel):
    """That the API answers, and how old the newest recorded figures are.

    Attributes:
        status: `ok`: whoever reads this got an answer.
        recorder_age_seconds: null before the recorder's first run.
    """

    status: str
    recorder_age_seconds: float | None


def liveness(table: str, now: datetime) -> Liveness:
    """Whether the API lives, for load balancers and monitors outside; one read."""
    # When the snapshot was taken stands beside it: its models, which are most of this room, need not be loaded.
    document = read_document(table, SNAPSHOT)
    age = round((now - from_iso(document["at"])).total_seconds(), 3) if document else None
    return Liveness(status="ok", recorder_age_seconds=age)
