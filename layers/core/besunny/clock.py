"""The clock as an argument: services take `now`, handlers pass `utc_now`."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The present moment, timezone-aware, in UTC."""
    return datetime.now(UTC)


def to_iso(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and a `Z`: fixed width, so that text order is time order."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_iso(text: str) -> datetime:
    """The moment that `to_iso` wrote.

    Raises:
        ValueError: `text` is not ISO 8601.
    """
    return datetime.fromisoformat(text).astimezone(UTC)


def to_epoch(moment: datetime) -> int:
    """Whole seconds since 1970, as DynamoDB's TTL wants them."""
    return int(moment.timestamp())
