"""Feedback on classifications: corrections, and the queue of documents that a person should look at."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from besunny.feedback.corrections import Correction
from besunny.feedback.reviews import Review
from besunny.inference.contracts.classification import DOCUMENT_FIELDS, Alternative, document_in, place_in_document
from besunny.inference.contracts.common import Document
from besunny.request_body import Location, RequestBody, check_id

_ProjectId = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=500),
    # Null says "to none" as well as an empty text does.
    BeforeValidator(lambda value: "" if value is None else value),
    AfterValidator(check_id),
    Field(validation_alias=AliasChoices("project_id", "correct_project_id")),
]
_Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
_OWN = frozenset({"project_id", "correct_project_id", "note"})


class FeedbackRequest(RequestBody):
    """A document and the project it belongs to; the document's fields may stand at the top level, too.

    Attributes:
        project_id: empty or null where it belongs to none of the tenant's projects.
        note: why, for colleagues.
    """

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)
    document: Document
    project_id: _ProjectId
    note: _Note = ""

    @classmethod
    def known_fields(cls) -> frozenset[str]:
        """A document's fields and what is said of it."""
        return (DOCUMENT_FIELDS - {"projects"}) | _OWN

    @classmethod
    def as_sent(cls, data: Any, location: Location) -> Location:
        """A document's field where the caller put it."""
        if location[:1] == ("document",) and isinstance(data, dict):
            return place_in_document(data, location[1:])
        return location

    @model_validator(mode="before")
    @classmethod
    def _gather_document(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        own = {name: data[name] for name in _OWN if name in data}
        return {**own, "document": document_in({name: value for name, value in data.items() if name not in own})}


class CorrectionView(BaseModel):
    """A correction that the tenant's classifications follow.

    Attributes:
        correction_id: the same for the same document.
        project_id: empty where the document belongs to no project.
        excerpt: the beginning of the document.
    """

    correction_id: str
    project_id: str
    classification_source: Literal["user"] = "user"
    subject: str
    excerpt: str
    source_id: str
    note: str
    created_by: str
    created_at: str

    @classmethod
    def of(cls, correction: Correction, **more: Any) -> Self:
        """A correction as callers see it."""
        fields = correction.model_dump(exclude={"key", "vector", "model"})
        return cls(correction_id=correction.key, **fields, **more)


class RemovedCorrection(BaseModel):
    """What was removed."""

    correction_id: str
    removed: Literal[True] = True


class FeedbackAnswer(CorrectionView):
    """The correction as kept.

    Attributes:
        replaced_project_id: what an earlier correction of the same document said; null where there was none.
    """

    replaced_project_id: str | None


class CorrectionPage(BaseModel):
    """Corrections; `next_cursor` asks for those after them."""

    corrections: list[CorrectionView]
    next_cursor: str | None


class ReviewResolution(RequestBody):
    """Where the document of a review belongs; `project_id` is empty or null for no project."""

    model_config = ConfigDict(coerce_numbers_to_str=True)
    project_id: _ProjectId
    note: _Note = ""


class ReviewView(BaseModel):
    """A document whose classification is in doubt.

    Attributes:
        status: `open`, `claimed` (by `claimed_by`, until `claimed_until`) or `resolved`.
        suggested_project_id: the best project, whether or not it was sure enough to be chosen; empty for none.
        project_id: where it was resolved to belong (empty for no project); null until then.
    """

    review_id: str
    status: Literal["open", "claimed", "resolved"]
    type: str
    subject: str
    author: str
    source_id: str
    excerpt: str
    suggested_project_id: str
    confidence: float = Field(ge=0, le=1)
    alternatives: list[Alternative]
    notes: str
    created_at: str
    claimed_by: str | None
    claimed_until: str | None
    resolved_by: str | None
    resolved_at: str | None
    project_id: str | None

    @classmethod
    def of(cls, review: Review, now: datetime) -> Self:
        """A review as callers see it."""
        return cls(
            review_id=review.key, status=review.status(now), **review.model_dump(exclude={"key", "owners", "projects"})
        )


class ReviewPage(BaseModel):
    """Reviews, oldest first; `next_cursor` asks for those after them."""

    reviews: list[ReviewView]
    next_cursor: str | None
