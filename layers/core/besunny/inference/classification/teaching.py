"""Corrections teach: a document of which a person says where it belongs, embedded once and kept."""

from datetime import datetime
from typing import Any

from besunny.errors import ConflictError, FieldError, InvalidInputError, NotFoundError
from besunny.feedback import keys, texts
from besunny.feedback.callers import Caller, owner_for
from besunny.feedback.corrections import Corrections, new_correction
from besunny.feedback.leftovers import Leftovers
from besunny.feedback.reviews import MOST_PROJECTS, Review, Reviews
from besunny.feedback.settings import FeedbackSettings
from besunny.inference.classification.taught import model_of, vector_of
from besunny.inference.contracts.common import Document
from besunny.inference.contracts.feedback import FeedbackAnswer, FeedbackRequest, ReviewResolution, ReviewView
from besunny.inference.engines.protocol import Engine


def key_of(document: Document) -> str:
    """The key under which feedback on this very document is kept."""
    return keys.document_key(document.author, document.subject, document.content_text)


def correct(request: FeedbackRequest, engine: Engine, caller: Caller, *, now: datetime) -> FeedbackAnswer:
    """Keep a correction; the tenant's next classification follows it. An open review of the document ends with it.

    Raises:
        ConflictError: too many corrections, or somebody changed this one at the same moment.
    """
    settings = FeedbackSettings.from_environment()
    key = key_of(request.document)
    reviews = Reviews(settings.feedback_table)
    ending: list[dict[str, Any]] = []
    try:
        review = reviews.find(caller.tenant_id, key, owner=None)
    except NotFoundError:
        review = None
    if review and review.resolved_at is None:
        ending = reviews.resolution(
            caller.tenant_id, review, project_id=request.project_id, by=caller.sub, now=now, heeds_claims=False
        )
    return _keep(request.document, request, engine, caller, ending=ending, now=now)


def resolve(
    review_id: str, resolution: ReviewResolution, engine: Engine, caller: Caller, *, now: datetime
) -> ReviewView:
    """Say where the document of a review belongs; kept as a correction in the same transaction.

    Raises:
        InvalidInputError: a project that was not among those to choose from.
        NotFoundError: no such review, or its text has expired.
        ConflictError: it is resolved, or claimed by somebody else for now.
    """
    settings = FeedbackSettings.from_environment()
    reviews = Reviews(settings.feedback_table)
    review = reviews.find(caller.tenant_id, review_id, owner=owner_for(caller))
    if review.resolved_at:
        raise ConflictError(f"the review was resolved at {review.resolved_at}; POST .../feedback changes what was said")
    stored = texts.load(settings.data_bucket, texts.UNDER_REVIEW, caller.tenant_id, review_id)
    ending = reviews.resolution(
        caller.tenant_id, review, project_id=resolution.project_id, by=caller.sub, now=now, heeds_claims=True
    )
    document = Document.model_validate(stored)
    _check_project(resolution.project_id, review)
    _keep(document, resolution, engine, caller, ending=ending, now=now)
    return ReviewView.of(reviews.find(caller.tenant_id, review_id, owner=None), now)


def _keep(
    document: Document,
    said: FeedbackRequest | ReviewResolution,
    engine: Engine,
    caller: Caller,
    *,
    ending: list[dict[str, Any]],
    now: datetime,
) -> FeedbackAnswer:
    settings = FeedbackSettings.from_environment()
    key = key_of(document)
    fields = document.model_dump(mode="json")
    correction = new_correction(
        fields,
        key=key,
        project_id=said.project_id,
        vector=vector_of(document, engine),
        model=model_of(engine),
        note=said.note,
        by=caller.sub,
        now=now,
    )
    # The text first: a correction without its text could not follow the engine to another model.
    Leftovers(settings.feedback_table, settings.data_bucket).announce(caller.tenant_id, key, now=now)
    texts.keep(settings.data_bucket, texts.TEACHING, caller.tenant_id, key, fields)
    replaced = Corrections(settings.feedback_table).put(
        caller.tenant_id, correction, owner=owner_for(caller), now=now, with_writes=ending
    )
    return FeedbackAnswer.of(correction, replaced_project_id=replaced)


def _check_project(project_id: str, review: Review) -> None:
    """A typing error must not close a review; where there were very many projects, not all of them are known here."""
    if project_id and project_id not in review.projects and len(review.projects) < MOST_PROJECTS:
        some = ", ".join(review.projects[:10])
        fix = f"send one of {some}{' ...' if len(review.projects) > 10 else ''}, or an empty text for none"
        raise InvalidInputError(FieldError("project_id", "it was not among the projects of the document", fix))
