"""From a caller's JSON to a service's request, with errors that name field and fix."""

from collections.abc import Collection
from importlib import import_module
from typing import Any, cast

from pydantic import BaseModel, ValidationError

from besunny.errors import FieldError, InvalidInputError
from besunny.inference.contracts.common import ServiceName
from besunny.request_body import RequestBody, refuse_unknown
from besunny.validation import field_errors

_REQUESTS = {
    "classification": "ClassificationRequest",
    "meeting_intelligence": "MeetingRequest",
    "embeddings": "EmbeddingsRequest",
    "project_onboarding": "ProjectOnboardingRequest",
}
SERVICES: tuple[ServiceName, ...] = cast("tuple[ServiceName, ...]", tuple(_REQUESTS))


def request_model(service: str) -> type[RequestBody]:
    """The request model of a service, imported on demand.

    Raises:
        InvalidInputError: there is no such service.
    """
    if service not in _REQUESTS:
        raise InvalidInputError(FieldError("service", "there is no such service", f"send one of {', '.join(SERVICES)}"))
    module = import_module(f"besunny.inference.contracts.{service}")
    return cast("type[RequestBody]", getattr(module, _REQUESTS[service]))


def known_fields(service: str) -> frozenset[str]:
    """The names that may stand at the top level of a service's input."""
    return request_model(service).known_fields()


def check_known(data: dict[str, Any], known: Collection[str], *, prefix: str) -> None:
    """Let an input pass whose top level has only known names.

    Raises:
        InvalidInputError: names each unknown field, and what was likely meant.
    """
    try:
        refuse_unknown(data, known)
    except ValidationError as error:
        raise _in_our_words(error, prefix) from None


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
        raise _in_our_words(error, prefix) from None


def _in_our_words(error: ValidationError, prefix: str) -> InvalidInputError:
    return InvalidInputError(*field_errors(error.errors(include_url=False, include_input=False), prefix=prefix))
