"""Project onboarding: what a wizard asked, in; the project's profile, out."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, Field, StringConstraints, model_validator

from besunny.inference.contracts.classification import Category
from besunny.inference.contracts.common import Answer, Input, Line, Name, SourceText, Words, fault, words_of

_LISTS = ("keywords", "deliverables", "contacts", "references")


class ProjectOnboardingRequest(Input):
    """The wizard's fields, at the top level or under `project`; lists may come as `a, b; c`.

    Attributes:
        overview: what the project is about, in the client's words.
        contacts: people, as names, `Name <mail>` or objects with `name`, `role`, `email`.
        shoot_date: when the main work happens, as written.
        references: links or names of what it should be like.
        documents: texts of the project that exist already; their words feed the profile.
    """

    also_called: ClassVar = {
        "project_name": ("name", "title"),
        "overview": ("description", "summary", "brief"),
        "keywords": ("reference_keywords", "tags"),
        "contacts": ("stakeholders",),
        "shoot_date": ("date", "deadline"),
    }
    project_name: Name
    overview: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200_000)] = ""
    keywords: Words = Field(default_factory=list, max_length=500)
    deliverables: Words = Field(default_factory=list, max_length=500)
    contacts: Words = Field(default_factory=list, max_length=500)
    shoot_date: Line = ""
    location: Line = ""
    references: Words = Field(default_factory=list, max_length=500)
    documents: list[SourceText] = Field(default_factory=list, max_length=100)

    @model_validator(mode="before")
    @classmethod
    def _gather_fields(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        fields = dict(data["project"]) if isinstance(data.get("project"), dict) else dict(data)
        for name in (*_LISTS, "stakeholders", "tags", "reference_keywords"):
            if name in fields:
                fields[name] = words_of(fields[name])
        for name in ("contacts", "stakeholders"):
            if isinstance(fields.get(name), list):
                fields[name] = [_contact(contact) for contact in fields[name]]
        return fields

    @model_validator(mode="after")
    def _says_something(self) -> "ProjectOnboardingRequest":
        if not (self.overview or self.keywords or self.deliverables or self.documents):
            raise fault("nothing but a name is known of the project", "an `overview`, `keywords` or `deliverables`")
        return self


def _contact(contact: Any) -> Any:
    if not isinstance(contact, dict):
        return contact
    name, role, email = (str(contact.get(key) or "").strip() for key in ("name", "role", "email"))
    return (name or email) + (f" ({role})" if role else "") + (f" <{email}>" if email and name else "")


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
