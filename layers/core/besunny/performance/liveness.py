"""The open `GET /health`: that the API and its database answer, and how old the recorder's newest figures are."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel

from besunny.aws import clients
from besunny.clock import from_iso
from besunny.errors import UnavailableError
from besunny.observability.logs import logger
from besunny.observability.probe import Stopwatch
from besunny.performance.metric_store import SNAPSHOT, STALE_AFTER, read_document


class Liveness(BaseModel):
    """That the API and its database answer (else it is a 503), and how old the newest recorded figures are.

    Attributes:
        status: `ok`; `starting` before the recorder's first run; `degraded` where its figures are older than three
            minutes: the API answers, and nobody knows how it does.
        database_response_time_ms: how long the read for this answer took.
        recorder_age_seconds: null before the recorder's first run.
    """

    status: Literal["ok", "starting", "degraded"]
    database_response_time_ms: float
    recorder_age_seconds: float | None


def liveness(table: str, now: datetime) -> Liveness:
    """Whether the API lives, for load balancers and monitors outside; one read.

    Raises:
        UnavailableError: the database does not answer.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    clients.dynamodb()  # made before the clock starts: a cold start is not the database's doing
    watch = Stopwatch()
    try:
        # When the snapshot was taken stands beside it: its models, which are most of this room, need not be loaded.
        document = read_document(table, SNAPSHOT)
    except (ClientError, BotoCoreError) as error:
        logger().exception("the database does not answer")
        raise UnavailableError("the database does not answer") from error
    elapsed, age = watch.elapsed_ms(), now - from_iso(document["at"]) if document else None
    return Liveness(
        status=_status(age),
        database_response_time_ms=elapsed,
        recorder_age_seconds=None if age is None else round(age.total_seconds(), 3),
    )


def _status(age: timedelta | None) -> Literal["ok", "starting", "degraded"]:
    if age is None:
        return "starting"
    return "ok" if age <= STALE_AFTER else "degraded"
