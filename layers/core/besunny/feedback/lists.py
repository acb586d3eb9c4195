"""Pages of corrections and reviews, by cursor."""

from datetime import datetime
from typing import Any

from besunny.errors import FieldError, InvalidInputError
from besunny.feedback import keys
from besunny.feedback.callers import Caller, owner_for
from besunny.feedback.corrections import Correction, Corrections
from besunny.feedback.pages import Place
from besunny.feedback.reviews import Review, Reviews, ReviewStatus
from besunny.feedback.settings import TableSettings


def list_corrections(
    caller: Caller, *, limit: int, position: dict[str, Any] | None
) -> tuple[list[Correction], Place | None]:
    """A page of the corrections that the caller sees, and the position to go on from.

    Raises:
        InvalidInputError: a cursor that this list did not give.
    """
    start = _checked(position, keys.CORRECTION, {"sk"})
    corrections = Corrections(TableSettings.from_environment().feedback_table)
    return corrections.page(caller.tenant_id, owner=owner_for(caller), limit=limit, start=start)


def list_reviews(
    caller: Caller, *, status: ReviewStatus | None, limit: int, position: dict[str, Any] | None, now: datetime
) -> tuple[list[Review], Place | None]:
    """A page of the reviews that the caller sees, and the position to go on from.

    Raises:
        InvalidInputError: a cursor that this list did not give.
    """
    start = _checked(position, keys.REVIEW, {"sk", "review_sort"})
    return Reviews(TableSettings.from_environment().feedback_table).page(
        caller.tenant_id, status=status, owner=owner_for(caller), limit=limit, start=start, now=now
    )


def _checked(position: dict[str, Any] | None, kind: str, names: set[str]) -> Place | None:
    if position is None:
        return None
    filled = all(value and isinstance(value, str) for value in position.values())
    if position.keys() != names or not filled or not keys.is_document_key(position["sk"].removeprefix(kind)):
        raise InvalidInputError(FieldError("cursor", "not a cursor of this list", "send `next_cursor` as it came"))
    return {name: str(value) for name, value in position.items()}
