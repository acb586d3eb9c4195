"""Classification: which of the caller's projects does a document belong to, and what is in it."""

from typing import Any, Literal

from pydantic import BaseModel, Field, model_validator

from besunny.inference.contracts.common import (
    MAX_PROJECTS,
    Answer,
    Document,
    Evidence,
    Input,
    Project,
    Sentiment,
    Span,
    fault,
)

Category = Literal["business", "technical", "creative", "financial", "legal"]


def document_in(data: dict[str, Any]) -> dict[str, Any]:
    """The document fields of an input: under `document`, as the one entry of `documents`, or at the top level.

    Raises:
        PydanticCustomError: `documents` holds another number than one.
    """
    if "document" in data:
        found: Any = data["document"]
    elif "documents" in data:
        if not isinstance(data["documents"], list) or len(data["documents"]) != 1:
            raise fault("`documents` must hold one document here", "one document, or a batch of workflows for more")
        found = data["documents"][0]
    else:
        # A stray `id` beside the text is the caller's own (a workflow's, say), never the document's.
        found = {key: value for key, value in data.items() if key not in ("projects", "id", "title")}
        if "title" in data and "subject" not in data:
            found["subject"] = data["title"]
    return {"content_text": found} if isinstance(found, str) else found


class ClassificationRequest(Input):
    """A document and the projects to choose from; `projects` absent means the tenant's stored ones."""

    document: Document
    projects: list[Project] | None = Field(default=None, max_length=MAX_PROJECTS)

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
            raise fault("two of `projects` have the same id", "each project once")
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
