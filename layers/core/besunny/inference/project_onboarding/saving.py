"""Projects from onboarding and from callers into the tenant's store, which classification reads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from besunny.errors import FieldError, InvalidInputError
from besunny.inference.contracts.common import MAX_DESCRIPTION, PathId
from besunny.inference.contracts.project_onboarding import ProjectOnboardingAnswer, ProjectOnboardingRequest
from besunny.inference.contracts.projects import ProjectAnswer, ProjectBody
from besunny.inference.project_onboarding.indexed import with_indexed
from besunny.projects import Editor, StoredProject, put_project


def onboarded(
    request: ProjectOnboardingRequest,
    editor: Editor,
    compute: Callable[[ProjectOnboardingRequest], Any],
    *,
    now: datetime,
) -> ProjectOnboardingAnswer:
    """A project's profile, from what the tenant has indexed of it too, and stored where the request asks for it.

    Args:
        compute: makes the profile.

    Raises:
        ForbiddenError: a project of this id is somebody else's.
    """
    profile: ProjectOnboardingAnswer = compute(with_indexed(request, editor.tenant_id))
    return _save(profile, editor, now) if request.save else profile


def store(project_id: str, body: ProjectBody, editor: Editor, *, now: datetime) -> ProjectAnswer:
    """Store a project as a caller gives it.

    Raises:
        InvalidInputError: the id cannot stand in a path, or the project is too large.
        ForbiddenError: a project of this id is somebody else's.
    """
    try:
        name = TypeAdapter(PathId).validate_python(project_id)
    except ValidationError:
        fault = "an id has at most 200 letters, digits and . : @ = + ~ , ; ( ) ! * ' $ < > [ ] - or blanks"
        raise InvalidInputError(FieldError("project_id", fault, "use such an id")) from None
    project = StoredProject(id=name, **body.model_dump())
    kept, replaced = put_project(project, editor, now=now)
    return ProjectAnswer(project=kept, created=not replaced)


def _save(answer: ProjectOnboardingAnswer, editor: Editor, now: datetime) -> ProjectOnboardingAnswer:
    project = StoredProject(
        id=answer.project_id,
        name=answer.title,
        description=answer.description[:MAX_DESCRIPTION],
        tags=answer.tags,
        keywords=answer.keywords,
        categories=[] if answer.category == "general" else [answer.category],
        entity_patterns=answer.entity_patterns.model_dump(),
    )
    _, replaced = put_project(project, editor, now=now)
    return answer.model_copy(update={"saved": "replaced" if replaced else "created"})
