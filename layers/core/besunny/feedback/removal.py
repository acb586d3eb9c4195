"""Forgetting a correction, its text with it."""

from datetime import datetime

from besunny.errors import NotFoundError
from besunny.feedback import keys, texts
from besunny.feedback.callers import Caller, owner_for
from besunny.feedback.corrections import Corrections
from besunny.feedback.leftovers import Leftovers
from besunny.feedback.settings import FeedbackSettings


def remove_correction(caller: Caller, correction_id: str, *, now: datetime) -> None:
    """Remove a correction; the tenant's next classifications follow it no more.

    Raises:
        NotFoundError: the tenant has no such correction.
        ForbiddenError: it is a colleague's, and the caller does not see the whole tenant's.
    """
    if not keys.is_document_key(correction_id):
        raise NotFoundError("no such correction")
    settings = FeedbackSettings.from_environment()
    tenant_id, owner = caller.tenant_id, owner_for(caller)
    # The note stands until the sweep, so that a crash before the next line leaves no text.
    left = Leftovers(settings.feedback_table, settings.data_bucket).left(tenant_id, correction_id, now=now)
    Corrections(settings.feedback_table).remove(
        tenant_id, correction_id, actor=caller.sub, owner=owner, now=now, with_writes=[left]
    )
    texts.remove(settings.data_bucket, texts.TEACHING, tenant_id, correction_id)
