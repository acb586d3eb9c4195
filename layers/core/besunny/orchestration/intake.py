"""From what a caller sends to work that is known to be runnable: every wrong field is named before anything is kept."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from besunny.errors import FieldError, InvalidInputError
from besunny.ids import is_id
from besunny.orchestration.catalogue import ALIASES, SERVICE_OF, WorkflowType
from besunny.orchestration.models import WorkflowRequest
from besunny.orchestration.records import Priority
from besunny.orchestration.type_list import list_types

RUNNABLE = [kind.value for kind in WorkflowType if kind is not WorkflowType.BATCH]
_PROJECT_READERS = {WorkflowType.CLASSIFICATION, WorkflowType.HYBRID}


@dataclass(frozen=True)
class Work:
    """A checked request.

    Attributes:
        input_data: as sent, an upload's content put in.
        services: those that it needs.
        needs_projects: whether the tenant's stored projects are to be added.
    """

    workflow_type: WorkflowType
    input_data: dict[str, Any]
    expected_outputs: list[str]
    services: list[str]
    priority: Priority
    project_id: str | None
    title: str | None
    needs_projects: bool


def with_query(body: WorkflowRequest, query: dict[str, str | None]) -> WorkflowRequest:
    """The request of the query form as one of the JSON form; fields of the body win.

    Args:
        query: `workflow_type`, `project_id`, `priority` as they stand in the query.

    Raises:
        InvalidInputError: a priority that is none.
    """
    changes: dict[str, Any] = {}
    if body.workflow_type is None:
        changes["workflow_type"] = query.get("workflow_type")
    if body.project_id is None:
        changes["project_id"] = query.get("project_id")
    if body.priority is None and (priority := query.get("priority")) is not None:
        if priority not in list(Priority):
            raise InvalidInputError(FieldError("priority", "no such priority", f"send one of {', '.join(Priority)}"))
        changes["priority"] = Priority(priority)
    request = body.model_copy(update=changes)
    return request.with_its_extras_as_input() if body.input_data is None and body.model_extra else request


def check(request: WorkflowRequest, *, at: str = "", upload: Any = None) -> Work:
    """The work that a request asks for.

    Args:
        at: where the request stands in the body, such as `workflows.3.`; it leads the field names of errors.
        upload: gives the text of an upload id; None where uploads are not taken.

    Raises:
        InvalidInputError: names each wrong field.
    """
    if request.model_extra:
        _check_names(request.model_extra, WorkflowRequest.model_fields, at)
    kind = _type_of(request, at)
    if request.input_data is None:
        raise InvalidInputError(FieldError(f"{at}input_data", "it is missing", "send the input of the workflow"))
    place = at if request.is_bare else f"{at}input_data."
    if request.is_bare:
        _check_names(request.input_data, _names_of_bare(kind), place)
    data = request.input_data
    if "upload_id" in data:
        data = _with_upload(data, kind, f"{place}upload_id", upload)
    outputs = request.expected_outputs or []
    _check_outputs(kind, outputs, at)
    services, title, has_projects = _services_of(kind, data, outputs, at=at, place=place)
    return Work(
        workflow_type=kind,
        input_data=data,
        expected_outputs=outputs,
        services=services,
        priority=request.priority or Priority.NORMAL,
        project_id=request.project_id,
        title=title,
        needs_projects=kind in _PROJECT_READERS and "classification" in services and not has_projects,
    )


def _type_of(request: WorkflowRequest, at: str) -> WorkflowType:
    name = request.workflow_type
    fix = f"send one of {', '.join(RUNNABLE)}"
    if name is None:
        if request.is_bare:
            # A misspelt `workflow_type`, say, is more to the point than that it is missing.
            _check_names(request.input_data or {}, frozenset().union(*map(_names_of_bare, WorkflowType)), at)
        raise InvalidInputError(FieldError(f"{at}workflow_type", "it is missing", fix))
    name = ALIASES.get(name, name)
    if name not in RUNNABLE:
        raise InvalidInputError(FieldError(f"{at}workflow_type", "there is no such type", fix))
    return WorkflowType(name)


def _names_of_bare(kind: WorkflowType) -> frozenset[str]:
    """What may stand in a body that is the input itself: the request's own names and the input's."""
    names = frozenset(WorkflowRequest.model_fields) | {"upload_id"}
    if kind is WorkflowType.HYBRID:
        from besunny.inference.contracts.hybrid import HybridInput

        return names | HybridInput.known_fields()
    if kind is WorkflowType.BATCH:
        return names
    from besunny.inference.contracts.parse import known_fields

    return names | known_fields(SERVICE_OF[kind])


def _check_names(data: dict[str, Any], known: Collection[str], place: str) -> None:
    from besunny.inference.contracts.parse import check_known

    check_known(data, known, prefix=place.removesuffix("."))


def _check_outputs(kind: WorkflowType, outputs: list[str], at: str) -> None:
    """A service gives all its outputs whatever is named; a name that no type has is a mistake all the same."""
    if kind is WorkflowType.HYBRID:
        return  # its input names the outputs that it knows
    known = sorted({output for entry in list_types().types for output in entry.outputs})
    if any(name not in known for name in outputs):
        fix = f"send names of {', '.join(known)}"
        raise InvalidInputError(FieldError(f"{at}expected_outputs", "there is no such output", fix))


def _services_of(
    kind: WorkflowType, data: dict[str, Any], outputs: list[str], *, at: str, place: str
) -> tuple[list[str], str | None, bool]:
    """The services that the input is good for, its title, and whether it names projects."""
    prefix = place.removesuffix(".")
    if kind is WorkflowType.HYBRID:
        from besunny.inference.contracts.hybrid import HybridInput

        parsed = HybridInput.parse(data, outputs, prefix=prefix, outputs_field=f"{at}expected_outputs")
        requests: dict[str, Any] = {str(service): request for service, request in parsed.items()}
    else:
        from besunny.inference.contracts.parse import parse_request

        service = SERVICE_OF[kind]
        requests = {service: parse_request(service, data, prefix=prefix)}
    document = getattr(requests.get("classification"), "document", None)
    title = getattr(requests.get("meeting_intelligence"), "title", None) or getattr(document, "subject", None)
    has_projects = getattr(requests.get("classification"), "projects", None) is not None
    return list(requests), title or None, has_projects


def _with_upload(data: dict[str, Any], kind: WorkflowType, field: str, upload: Any) -> dict[str, Any]:
    upload_id = data["upload_id"]
    if upload is None:
        raise InvalidInputError(FieldError(field, "items of a batch take no uploads", "send the input itself"))
    if not isinstance(upload_id, str) or not is_id(upload_id):
        raise InvalidInputError(FieldError(field, "not an upload id", "send the `upload_id` of POST /uploads"))
    text: str = upload(upload_id)
    try:
        loaded = json.loads(text)
    except ValueError:
        loaded = None
    rest = {name: value for name, value in data.items() if name != "upload_id"}
    if isinstance(loaded, dict):
        return {**loaded, **rest}
    if kind is WorkflowType.PROJECT_ONBOARDING:
        raise InvalidInputError(FieldError(field, "the upload is not a JSON object", "upload the wizard's fields so"))
    # Anything but a JSON object is the text itself: a transcript where a meeting is wanted.
    meeting = kind is WorkflowType.MEETING_INTELLIGENCE or (
        kind is WorkflowType.HYBRID and text.lstrip("\ufeff").startswith("WEBVTT")
    )
    return {("transcript" if meeting else "content_text"): text, **rest}
