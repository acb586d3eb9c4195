"""Forgetting a correction, its text with it."""

from datetime import datetime

from besunny.errors import NotFoundError
from besunny.feedback import keys, texts
from besunny.feedback.corrections import Corrections
from besunny.feedback.settings import FeedbackSettings


def remove_correction(tenant_id: str, correction_id: str, *, actor: str, now: datetime) -> None:
    """Remove a correction; the tenant's next classifications follow it no more.

    Raises:
        NotFoundError: the tenant has no such correction.
    """
    if not keys.is_document_key(correction_id):
        raise NotFoundError("no such correction")
    settings = FeedbackSettings.from_environment()
    Corrections(settings.feedback_table).remove(tenant_id, correction_id, actor=actor, now=now)
    texts.remove(settings.data_bucket, texts.TEACHING, tenant_id, correction_id)
