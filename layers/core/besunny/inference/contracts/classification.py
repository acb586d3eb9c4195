"""Classification: which of the caller's projects does a document belong to, and what is in it."""

from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import BaseModel, Field, PrivateAttr, model_validator

from besunny.inference.contracts.common import (
    MAX_PROJECTS,
    Answer,
    Document,
    Evidence,
    Project,
    Request,
    Sentiment,
    Span,
)
from besunny.request_body import Location, fault_at, names_of

if TYPE_CHECKING:
    from besunny.inference.classification.taught import Taught

Category = Literal["business", "technical", "creative", "financial", "legal"]


# What callers' own records of a document hold besides; nothing here reads it.
_BESIDES = ("workflow", "priority", "project_id", "source", "summary", "classification_source")
DOCUMENT_FIELDS = frozenset({"document", "documents", "projects", *names_of(Document), *_BESIDES})
"""What may stand at the top level of an input about a document; `projects` also where only a hybrid would read them."""


def document_in(data: dict[str, Any]) -> dict[str, Any]:
    """The document fields of an input: under `document`, as the one entry of `documents`, or at the top level.

    Raises:
        ValidationError: `documents` holds another number than one.
    """
    if "document" in data:
        found: Any = data["document"]
    elif "documents" in data:
        if not isinstance(data["documents"], list) or len(data["documents"]) != 1:
            raise fault_at(("documents",), "it must hold one document", "one document (a batch takes more)")
        found = data["documents"][0]
    else:
        # A stray `id` beside the text is the caller's own (a workflow's, say), never the document's.
        found = {key: value for key, value in data.items() if key not in ("projects", "id")}
    return {"content_text": found} if isinstance(found, str) else found


def place_in_document(data: dict[str, Any], below: Location) -> Location:
    """Where a caller put what stands at `below` in the document that `document_in` took out of `data`."""
    at: Location = ("document",) if "document" in data else ("documents", 0) if "documents" in data else ()
    sent_as_text = bool(at) and not isinstance(data["document"] if "document" in data else data["documents"][0], dict)
    return at if sent_as_text else at + below


class ClassificationRequest(Request):
    """A document and the projects to choose from; `projects` absent means the tenant's stored ones.

    The document's fields may stand at the top level, too.
    """

    document: Document
    projects: list[Project] | None = Field(default=None, max_length=MAX_PROJECTS)
    # What the tenant's corrections teach: the server's knowledge, never a part of what a caller sends.
    _taught: "Taught | None" = PrivateAttr(default=None)

    @property
    def taught(self) -> "Taught | None":
        """What the tenant's corrections teach; None where nobody looked them up."""
        return self._taught

    def with_taught(self, taught: "Taught") -> Self:
        """The same request, to be answered with what a tenant taught."""
        request = self.model_copy()
        request._taught = taught
        return request

    @classmethod
    def known_fields(cls) -> frozenset[str]:
        """A document's fields and `projects`."""
        return DOCUMENT_FIELDS

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
        gathered = {"document": document_in(data)}
        if data.get("projects") is not None:
            gathered["projects"] = data["projects"]
        return gathered

    @model_validator(mode="after")
    def _distinct_projects(self) -> "ClassificationRequest":
        ids = [project.id for project in self.projects or []]
        if len(ids) != len(set(ids)):
            raise fault_at(("projects",), "two of them have the same id", "each project once")
        return self


class Alternative(BaseModel):
    """Another project that the document might belong to."""

    project_id: str
    name: str
    confidence: float = Field(ge=0, le=1)


class Keyword(Span):
    """A telling word or phrase, where it first stands, how often it occurs, and its weight (1 is the heaviest)."""

    count: int
    weight: float = Field(ge=0, le=1)


class Entities(BaseModel):
    """Names and figures found in the text."""

    people: list[Span] = []
    organizations: list[Span] = []
    locations: list[Span] = []
    dates: list[Span] = []
    money: list[Span] = []


class ClassificationAnswer(Answer):
    """The project chosen, why, and what the document holds; all spans count characters of `content_text`.

    Attributes:
        project_id: empty when `unclassified`.
        confidence: of the best project, calibrated; also given when it was too low to choose it.
        confidence_level: `high` above 0.8, `medium` above 0.6, else `low`.
        needs_review: a person should look: unclassified, or a confidence below 0.7.
        classification_source: `user` where a person of the tenant said so of this very document.
        review_id: its place in the review queue; null where it is in none.
        categories: parent categories, strongest first; empty where none is told by the text.
        summary: sentences of the source, as they stand.
        sentiment_score: -1 (negative) to 1 (positive).
        language: ISO 639-1 code, or `und`; the embedded engine reads English, and the notes say so for others.
    """

    project_id: str
    project_name: str
    confidence: float = Field(ge=0, le=1)
    confidence_level: Literal["high", "medium", "low"]
    unclassified: bool
    needs_review: bool
    classification_source: Literal["ai", "user"] = "ai"
    review_id: str | None = None
    classification_notes: str
    matched_tags: list[str]
    inferred_tags: list[str]
    alternatives: list[Alternative]
    evidence: list[Evidence]
    categories: list[Category]
    entities: Entities
    keywords: list[Keyword]
    summary: str
    summary_spans: list[Span]
    next_steps: list[Span]
    sentiment: Sentiment
    sentiment_score: float = Field(ge=-1, le=1)
    language: str
