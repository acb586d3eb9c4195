"""Project onboarding: what a wizard asked, in; the project's profile, out."""

from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, BeforeValidator, Field, StringConstraints, model_validator

from besunny.inference.contracts.classification import Category
from besunny.inference.contracts.common import Answer, Line, Name, Request, SourceText, Words, fault, words_of
from besunny.request_body import Location, names_of


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
        documents: texts of the project that exist already; their words feed the profile.
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

    @classmethod
    def known_fields(cls) -> frozenset[str]:
        """The wizard's fields, and `project`, which may hold them all."""
        return names_of(cls) | {"project"}

    @classmethod
    def as_sent(cls, data: Any, location: Location) -> Location:
        """A field within `project`, where the caller put it there."""
        return ("project", *location) if isinstance(data, dict) and isinstance(data.get("project"), dict) else location

    @model_validator(mode="before")
    @classmethod
    def _gather_fields(cls, data: Any) -> Any:
        return data["project"] if isinstance(data, dict) and isinstance(data.get("project"), dict) else data

    @model_validator(mode="after")
    def _says_something(self) -> "ProjectOnboardingRequest":
        if not (self.overview or self.keywords or self.deliverables or self.documents):
            raise fault("nothing but a name is known of the project", "an `overview`, `keywords` or `deliverables`")
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
