"""Taking a review, so that two people do not work on the same."""

from datetime import datetime

from besunny.feedback.callers import Caller, owner_for
from besunny.feedback.reviews import Review, Reviews
from besunny.feedback.settings import TableSettings


def claim_review(caller: Caller, review_id: str, *, now: datetime) -> Review:
    """The review, the caller's for a while.

    Raises:
        NotFoundError: no such review, or not the caller's to see.
        ConflictError: it is resolved, or somebody else's for now.
    """
    reviews = Reviews(TableSettings.from_environment().feedback_table)
    found = reviews.find(caller.tenant_id, review_id, owner=owner_for(caller))
    return reviews.claim(caller.tenant_id, found, by=caller.sub, now=now)
