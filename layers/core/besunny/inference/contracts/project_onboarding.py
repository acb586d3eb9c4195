"""Project onboarding: what a wizard asked, in; the project's profile, out."""

from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, BeforeValidator, Field, StringConstraints, model_validator

from besunny.inference.contracts.classification import Category
from besunny.inference.contracts.common import (
    MAX_DESCRIPTION,
    Answer,
    Line,
    Name,
    PathId,
    Request,
    SourceText,
    Words,
    fault,
    words_of,
)
from besunny.request_body import Location, fault_at, names_of


def _contacts(value: Any) -> Any:
    """Each contact as a line: a name, `Name <mail>`, or what an object with `name`, `role`, `email` comes to."""
    words = words_of(value)
    return [_contact(contact) for contact in words] if isinstance(words, list) else words


def _contact(contact: Any) -> Any:
    if not isinstance(contact, dict):
        return contact
    name, role, email = (str(contact.get(key) or "").strip() for key in ("name", "role", "email"))
    return (name or email) + (f" ({role})" if role else "") + (f" <{email}>" if email and name else "")


class ProjectOnboardingRequest(Request):
    """The wizard's fields, at the top level or under `project`; lists may come as `a, b; c`.

    Attributes:
        overview: what the project is about, in the client's words.
        contacts: people, as names, `Name <mail>` or objects with `name`, `role`, `email`.
        shoot_date: when the main work happens, as written.
        references: links or names of what it should be like.
        documents: texts of the project that exist already; their words feed the profile, as do those of documents that
            are indexed under its id.
        save: store the project, in the place of the one of its id.
        project_id: of the project; made from its name where none is given, the same for the same name.
    """

    project_name: Annotated[Name, Field(validation_alias=AliasChoices("project_name", "name", "title"))]
    overview: Annotated[
        str,
        StringConstraints(strip_whitespace=True, max_length=200_000),
        Field(validation_alias=AliasChoices("overview", "description", "summary", "brief")),
    ] = ""
    keywords: Words = Field([], max_length=500, validation_alias=AliasChoices("keywords", "reference_keywords", "tags"))
    deliverables: Words = Field([], max_length=500)
    contacts: Annotated[list[Line], BeforeValidator(_contacts)] = Field(
        [], max_length=500, validation_alias=AliasChoices("contacts", "stakeholders")
    )
    shoot_date: Annotated[Line, Field(validation_alias=AliasChoices("shoot_date", "date", "deadline"))] = ""
    location: Line = ""
    references: Words = Field([], max_length=500)
    documents: list[SourceText] = Field([], max_length=100)
    save: bool = False
    project_id: PathId | None = None

    @classmethod
    def known_fields(cls) -> frozenset[str]:
        """The wizard's fields, and `project`, which may hold them all."""
        return names_of(cls) | {"project"}

    @classmethod
    def as_sent(cls, data: Any, location: Location) -> Location:
        """A field within `project`, where the caller put it there."""
        if not isinstance(data, dict) or not isinstance(data.get("project"), dict):
            return location
        beside = location[:1] in (("save",), ("project_id",)) and location[0] not in data["project"]
        return location if beside else ("project", *location)

    @model_validator(mode="before")
    @classmethod
    def _gather_fields(cls, data: Any) -> Any:
        if not isinstance(data, dict) or not isinstance(data.get("project"), dict):
            return data
        return {name: data[name] for name in ("save", "project_id") if name in data} | data["project"]

    @model_validator(mode="after")
    def _says_something(self) -> "ProjectOnboardingRequest":
        if not (self.overview or self.keywords or self.deliverables or self.documents):
            raise fault("nothing but a name is known of the project", "an `overview`, `keywords` or `deliverables`")
        if self.save and len(self.overview) > MAX_DESCRIPTION:
            reason = f"it is longer than the {MAX_DESCRIPTION:,} characters that `save` can store"
            raise fault_at(("overview",), reason, "a shorter overview, and the rest as a document")
        return self


class Suggestion(BaseModel):
    """Something not said in the input, proposed for a person to judge, and what in the input led to it."""

    text: str
    reason: str
    suggested: Literal[True] = True


class Stakeholder(BaseModel):
    """A person named in the input; role and e-mail only where the input gives them."""

    name: str
    role: str | None = None
    email: str | None = None


class Estimate(BaseModel):
    """A value and what it rests on."""

    value: str
    reason: str


class EntityPatterns(BaseModel):
    """Words that tell this project's documents: feed them to classification with the project."""

    people: list[str]
    organizations: list[str]
    locations: list[str]
    email_domains: list[str]


class ProjectOnboardingAnswer(Answer):
    """The profile of a project.

    Attributes:
        category: the parent category, or `general` where the text tells none.
        tags: short words for people; `keywords` are those that find its documents.
        confidence_score: how much of the profile rests on what was given, 0..1.
        project_id: under which the project is stored, or would be.
        saved: whether this request stored it, as a new one or in the place of another; null where it was not asked to.
        documents_read: how many were read, those given and those of the tenant's index.
        notes: what the reader must know about limits, such as a language that the engine does not know.
    """

    title: str
    description: str
    category: Category | Literal["general"]
    tags: list[str]
    keywords: list[str]
    priority: Literal["low", "normal", "high", "urgent"]
    priority_reason: str
    estimated_duration: Estimate | None
    complexity: Literal["low", "medium", "high"]
    complexity_reason: str
    deliverables: list[str]
    required_skills: list[Suggestion]
    stakeholders: list[Stakeholder]
    success_metrics: list[Suggestion]
    risks: list[Suggestion]
    recommendations: list[Suggestion]
    entity_patterns: EntityPatterns
    confidence_score: float = Field(ge=0, le=1)
    project_id: str
    saved: Literal["created", "replaced"] | None = None
    documents_read: int
    notes: list[str] = Field(default_factory=list)
