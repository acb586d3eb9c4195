"""From a caller's JSON to a service's request, with errors that name field and fix."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any, cast

from pydantic import BaseModel, ValidationError

from besunny.errors import FieldError, InvalidInputError
from besunny.inference.contracts.common import ServiceName

_REQUESTS = {
    "classification": "ClassificationRequest",
    "meeting_intelligence": "MeetingRequest",
    "embeddings": "EmbeddingsRequest",
    "project_onboarding": "ProjectOnboardingRequest",
}
SERVICES: tuple[ServiceName, ...] = cast("tuple[ServiceName, ...]", tuple(_REQUESTS))
_FIXES = {
    "missing": "add this field",
    "too_long": "send fewer entries",
    "too_short": "send at least one entry",
    "string_type": "send text",
    "string_too_long": "send a shorter text",
    "string_too_short": "send a longer text",
    "list_type": "send a list",
    "dict_type": "send an object",
    "model_type": "send an object",
    "int_type": "send a whole number",
    "int_parsing": "send a whole number",
}


def request_model(service: str) -> type[BaseModel]:
    """The request model of a service, imported on demand.

    Raises:
        InvalidInputError: there is no such service.
    """
    if service not in _REQUESTS:
        raise InvalidInputError(FieldError("service", "there is no such service", f"send one of {', '.join(SERVICES)}"))
    module = import_module(f"besunny.inference.contracts.{service}")
    return cast("type[BaseModel]", getattr(module, _REQUESTS[service]))


def parse_request(service: str, data: Any, *, prefix: str = "") -> BaseModel:
    """The request of a service, checked.

    Args:
        service: one of `SERVICES`.
        data: the caller's JSON, decoded.
        prefix: where `data` stands in the caller's body, such as `input_data`; it leads the field names of errors.

    Raises:
        InvalidInputError: names each wrong field, and carries nothing of the input.
    """
    try:
        return request_model(service).model_validate(data)
    except ValidationError as error:
        raise InvalidInputError(*field_errors(error, prefix)) from None


def field_errors(error: ValidationError, prefix: str = "") -> Sequence[FieldError]:
    """Pydantic's errors as ours, each with a fix."""
    found = []
    for e in error.errors(include_url=False, include_input=False):
        field = ".".join([*([prefix] if prefix else []), *(str(part) for part in e["loc"])])
        expected = e.get("ctx", {}).get("expected")
        fix = _FIXES.get(e["type"]) or (f"send {expected}" if expected else "send a value as the reason says")
        found.append(FieldError(field or "body", e["msg"].removeprefix("Value error, "), fix))
    return found
