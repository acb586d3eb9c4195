"""Where people stand beside the classifier: what they said of a document decides, what is in doubt goes to them."""

from datetime import datetime

from besunny.clock import to_iso
from besunny.feedback import texts
from besunny.feedback.reviews import MOST_PROJECTS, Review, Reviews
from besunny.feedback.settings import FeedbackSettings
from besunny.inference.classification.taught import taught
from besunny.inference.classification.teaching import key_of
from besunny.inference.contracts.classification import ClassificationAnswer, ClassificationRequest
from besunny.inference.engines.protocol import Engine
from besunny.observability.logs import logger
from besunny.observability.metrics import emit_count

# Below this chance that any of the projects fits, nobody is asked.
_LEAST_CHANCE = 0.05
_NOT_QUEUED = "A person should look, but it could not be put in the review queue; ask again to queue it."


def prepare(request: ClassificationRequest, engine: Engine, *, tenant_id: str) -> ClassificationRequest:
    """The request with what the tenant's corrections teach.

    Args:
        engine: the embedded one, whose vectors are kept.
    """
    return request.with_taught(taught(tenant_id, engine)) if _settings() else request


def finish(
    request: ClassificationRequest, answer: ClassificationAnswer, *, tenant_id: str, owner: str, now: datetime
) -> ClassificationAnswer:
    """The answer as people have it: overruled by what they said, or with its place in their review queue.

    Where the queue cannot be written the answer comes all the same; its notes say so, and `ReviewsNotQueued` counts it.
    """
    decided = decide(request, answer)
    settings = _settings()
    is_decided = request.taught is not None and key_of(request.document) in request.taught.decided
    if settings is None or is_decided or not decided.needs_review or not request.projects or _is_clear(decided):
        return decided
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return _queued(settings, request, decided, tenant_id=tenant_id, owner=owner, now=now)
    except (ClientError, BotoCoreError):
        # The answer is worth having without its place in the queue; the same document asked again is queued then.
        logger().exception("a review could not be queued")
        emit_count("ReviewsNotQueued", 1)
        note = f"{decided.classification_notes} {_NOT_QUEUED}"
        return decided.model_copy(update={"classification_notes": note})


def _is_clear(answer: ClassificationAnswer) -> bool:
    """Whether it is all but certain that no project fits: such post would bury what a person should look at."""
    chance = answer.confidence + sum(one.confidence for one in answer.alternatives[1:])
    return answer.unclassified and chance < _LEAST_CHANCE and answer.language in ("en", "und")


def _settings() -> FeedbackSettings | None:
    settings = FeedbackSettings.unless_alone()
    if settings is None:
        logger().warning("there is no stack: corrections are not followed, and nothing is put up for review")
    return settings


def decide(request: ClassificationRequest, answer: ClassificationAnswer) -> ClassificationAnswer:
    """The answer, overruled where a person of the tenant said where this very document belongs.

    What they said of a project that is not among the request's is no answer to it.
    """
    said = request.taught.decided.get(key_of(request.document)) if request.taught else None
    names = {"": "", **{project.id: project.name for project in request.projects or []}}
    if said is None:
        return answer
    if said not in names:
        note = f"A person said that it belongs to `{said}`, which is not among these projects."
        return answer.model_copy(
            update={"needs_review": True, "classification_notes": f"{answer.classification_notes} {note}"}
        )
    agreed = said == answer.project_id
    return answer.model_copy(
        update={
            "project_id": said,
            "project_name": names[said],
            "confidence": 1.0,
            "confidence_level": "high",
            "unclassified": not said,
            "needs_review": False,
            "classification_source": "user",
            "classification_notes": f"A person said that this document belongs to {names[said] or 'none of them'}.",
            "matched_tags": answer.matched_tags if agreed else [],
            "evidence": answer.evidence if agreed else [],
            "alternatives": [one for one in answer.alternatives if one.project_id != said],
        }
    )


def _queued(
    settings: FeedbackSettings,
    request: ClassificationRequest,
    answer: ClassificationAnswer,
    *,
    tenant_id: str,
    owner: str,
    now: datetime,
) -> ClassificationAnswer:
    document = request.document
    key = key_of(document)
    reviews = Reviews(settings.feedback_table)
    if reviews.join(tenant_id, key, owner):
        return answer.model_copy(update={"review_id": key})
    texts.keep(settings.data_bucket, texts.UNDER_REVIEW, tenant_id, key, document.model_dump(mode="json"))
    best = answer.project_id or next((one.project_id for one in answer.alternatives), "")
    review = Review(
        key=key,
        owners=[owner],
        type=document.type,
        subject=document.subject[:200],
        author=document.author[:200],
        source_id=document.source_id[:200],
        excerpt=document.content_text[:1000],
        suggested_project_id=best,
        confidence=answer.confidence,
        alternatives=[one.model_dump() for one in answer.alternatives],
        notes=answer.classification_notes[:1000],
        projects=[project.id for project in request.projects or []][:MOST_PROJECTS],
        created_at=to_iso(now),
    )
    reviews.add(tenant_id, review, now=now)
    return answer.model_copy(update={"review_id": key})
