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
from besunny.inference.project_onboarding.identity import project_id_of
from besunny.inference.project_onboarding.indexed import with_indexed
from besunny.projects import Editor, StoredProject, check_replaceable, put_project, storing


def onboarded(
    request: ProjectOnboardingRequest,
    editor: Editor,
    compute: Callable[[ProjectOnboardingRequest], Any],
    *,
    now: datetime,
) -> ProjectOnboardingAnswer:
    """A project's profile, stored where the request asks for it. Arguments and errors are those of `profile`.

    Raises:
        ConflictError: the tenant has as many projects as it may have.
    """
    answer = profile(request, editor, compute)
    if not request.save:
        return answer
    _, replaced = put_project(_project_of(answer), editor, now=now)
    return _saved(answer, replaced)


def profile(
    request: ProjectOnboardingRequest, editor: Editor, compute: Callable[[ProjectOnboardingRequest], Any]
) -> ProjectOnboardingAnswer:
    """A project's profile, from what the tenant has indexed of it too; not yet stored.

    Args:
        compute: makes the profile.

    Raises:
        ForbiddenError: it is to be stored, and a project of this id is somebody else's; said before it is computed.
    """
    if request.save:
        check_replaceable(project_id_of(request), editor)
    answer: ProjectOnboardingAnswer = compute(with_indexed(request, editor.tenant_id))
    return answer


def saving(
    request: ProjectOnboardingRequest, answer: ProjectOnboardingAnswer, editor: Editor, *, now: datetime
) -> tuple[ProjectOnboardingAnswer, list[dict[str, Any]]]:
    """A profile as it reads once it is stored, and the writes of a transaction that stores it, if it is to be stored.

    Raises:
        ForbiddenError, ConflictError, InvalidInputError: as `storing` says.
    """
    if not request.save:
        return answer, []
    found = storing(_project_of(answer), editor, now=now)
    return _saved(answer, found.replaces), found.writes


def store(project_id: str, body: ProjectBody, editor: Editor, *, now: datetime) -> ProjectAnswer:
    """Store a project as a caller gives it.

    Raises:
        InvalidInputError: the id cannot stand in a path, or the project is too large.
        ForbiddenError: a project of this id is somebody else's.
        ConflictError: the tenant has as many projects as it may have.
    """
    try:
        name = TypeAdapter(PathId).validate_python(project_id)
    except ValidationError:
        fault = "an id has at most 200 letters, digits and . : @ = + ~ , ; ( ) ! * ' $ < > [ ] - or blanks"
        raise InvalidInputError(FieldError("project_id", fault, "use such an id, and not . or ..")) from None
    project = StoredProject(id=name, **body.model_dump())
    kept, replaced = put_project(project, editor, now=now)
    return ProjectAnswer(project=kept, created=not replaced)


def _project_of(answer: ProjectOnboardingAnswer) -> StoredProject:
    return StoredProject(
        id=answer.project_id,
        name=answer.title,
        description=answer.description[:MAX_DESCRIPTION],
        tags=answer.tags,
        keywords=answer.keywords,
        categories=[] if answer.category == "general" else [answer.category],
        entity_patterns=answer.entity_patterns.model_dump(),
    )


def _saved(answer: ProjectOnboardingAnswer, replaced: bool) -> ProjectOnboardingAnswer:
    return answer.model_copy(update={"saved": "replaced" if replaced else "created"})
