"""The tenant's stored projects, as callers put and see them."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from besunny.inference.contracts.common import MAX_DESCRIPTION, Line, Name, Request, SourceText, Words
from besunny.projects import StoredProject


class ProjectBody(Request):
    """A project to store; what is left out is empty afterwards.

    Attributes:
        examples: texts known to be of it; more examples, surer answers. Everything together is at most 64 KB.
        status: of an archived project classification takes no notice.
    """

    name: Name
    description: Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAX_DESCRIPTION)] = ""
    tags: Words = Field(default_factory=list, max_length=500)
    keywords: Words = Field(default_factory=list, max_length=500)
    categories: Words = Field(default_factory=list, max_length=100)
    examples: list[SourceText] = Field(default_factory=list, max_length=1000)
    entity_patterns: dict[Line, Words] = Field(default_factory=dict, max_length=20)
    status: Literal["active", "archived"] = "active"


class ProjectAnswer(BaseModel):
    """A stored project; `created` where this request made it."""

    success: bool = True
    project: StoredProject
    created: bool = False


class ProjectPage(BaseModel):
    """Some of the tenant's projects, ordered by id."""

    success: bool = True
    projects: list[StoredProject]
    next_cursor: str | None = None


class RemovedProject(BaseModel):
    """A project that classification does not know any more; its indexed documents stay."""

    success: bool = True
    project_id: str
    deleted: Literal[True] = True
