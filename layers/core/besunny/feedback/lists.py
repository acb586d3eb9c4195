"""Pages of corrections and reviews, by cursor."""

from datetime import datetime
from typing import Any

from besunny.errors import FieldError, InvalidInputError
from besunny.feedback.callers import Caller, owner_for
from besunny.feedback.corrections import Correction, Corrections
from besunny.feedback.reviews import Review, Reviews, ReviewStatus
from besunny.feedback.settings import TableSettings

_CORRECTION = {"pk", "sk"}
_REVIEW = {"pk", "sk", "review_queue", "review_sort"}


def list_corrections(
    tenant_id: str, *, limit: int, position: dict[str, Any] | None
) -> tuple[list[Correction], dict[str, Any] | None]:
    """A page of a tenant's corrections, and the position to go on from.

    Raises:
        InvalidInputError: a cursor that this list did not give.
    """
    start = _checked(position, tenant_id, _CORRECTION)
    return Corrections(TableSettings.from_environment().feedback_table).page(tenant_id, limit=limit, start=start)


def list_reviews(
    caller: Caller, *, status: ReviewStatus | None, limit: int, position: dict[str, Any] | None, now: datetime
) -> tuple[list[Review], dict[str, Any] | None]:
    """A page of the reviews that the caller sees, and the position to go on from.

    Raises:
        InvalidInputError: a cursor that this list did not give.
    """
    start = _checked(position, caller.tenant_id, _REVIEW)
    return Reviews(TableSettings.from_environment().feedback_table).page(
        caller.tenant_id, status=status, owner=owner_for(caller), limit=limit, start=start, now=now
    )


def _checked(position: dict[str, Any] | None, tenant_id: str, names: set[str]) -> dict[str, Any] | None:
    if position is None:
        return None
    filled = all(value and isinstance(value, str) for value in position.values())
    if position.keys() != names or not filled or position["pk"] != tenant_id:
        raise InvalidInputError(FieldError("cursor", "not a cursor of this list", "send `next_cursor` as it came"))
    return position
