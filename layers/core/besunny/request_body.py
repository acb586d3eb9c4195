"""The base of what callers send: unknown fields are refused by name, and errors name the fields as they were sent."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache, partial
from typing import Any, Self

from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    ModelWrapValidatorHandler,
    ValidationError,
    ValidatorFunctionWrapHandler,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

Location = tuple[int | str, ...]

_LONGEST_NAME = 100
# So many unknown names are compared with the known ones; an answer names no more.
_COMPARED = 50


class RequestBody(BaseModel):
    """A body, or the input of a workflow; the two class methods are for models that gather their fields."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    @classmethod
    def known_fields(cls) -> frozenset[str]:
        """The names that may stand at the top level: each field under all its names."""
        return names_of(cls)

    @classmethod
    def as_sent(cls, data: Any, location: Location) -> Location:  # noqa: ARG003 - for those that gather
        """Where the caller put what the model holds at `location`, in `data` as it was sent."""
        return location

    @model_validator(mode="wrap")
    @classmethod
    def _in_the_callers_words(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if isinstance(data, Mapping):
            refuse_unknown(data, cls.known_fields())
        made: Self = relocated(handler, data, partial(cls.as_sent, data))
        return made


@lru_cache
def names_of(model: type[BaseModel]) -> frozenset[str]:
    """Every name under which a model takes a field."""
    names = set(model.model_fields)
    for field in model.model_fields.values():
        if isinstance(field.validation_alias, AliasChoices):
            names.update(choice for choice in field.validation_alias.choices if isinstance(choice, str))
    return frozenset(names)


def refuse_unknown(data: Mapping[str, Any], known: Collection[str]) -> None:
    """Let a body pass that has only known fields.

    Raises:
        ValidationError: names each unknown field and, as `ctx["expected"]`, the known one that was likely meant.
    """
    if unknown := sorted(str(name) for name in data if name not in known):
        compared = {name: _meant(name[:_LONGEST_NAME], known) for name in unknown[:_COMPARED]}
        details = [_unknown(name[:_LONGEST_NAME], compared.get(name, [])) for name in unknown]
        raise ValidationError.from_exception_data("body", details, hide_input=True)


def _meant(name: str, known: Collection[str]) -> list[str]:
    from difflib import get_close_matches

    return get_close_matches(name, sorted(known), n=1)


def _unknown(name: str, meant: list[str]) -> InitErrorDetails:
    expected = f"`{meant[0]}` if that is meant, else leave it out" if meant else "the request without it"
    error = PydanticCustomError("unknown_field", "there is no such field", {"expected": expected})
    return InitErrorDetails(type=error, loc=(name,), input=None)


def check_id(name: str) -> str:
    """The id itself, if nothing in it is invisible and it is no step of a path.

    Raises:
        PydanticCustomError: it is not so.
    """
    # Clients and proxies take `.` and `..` out of an address before it is sent.
    reason = "`.` and `..` cannot stand in an address" if name in (".", "..") else None
    if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in name):
        reason = "it holds control characters"
    if reason:
        raise PydanticCustomError("rule", "{reason}", {"reason": reason, "expected": "another id, as people write it"})
    return name


def fault_at(location: Location, reason: str, send: str) -> ValidationError:
    """A validation error at a place below a model, for its validators; the fix reads `send {send}`."""
    error = PydanticCustomError("rule", "{reason}", {"reason": reason, "expected": send})
    details = InitErrorDetails(type=error, loc=location, input=None)
    return ValidationError.from_exception_data("body", [details], hide_input=True)


def relocated(
    handler: Callable[[Any], Any] | ValidatorFunctionWrapHandler, data: Any, place: Callable[[Location], Location]
) -> Any:
    """What `handler` makes of `data`.

    Raises:
        ValidationError: those of `handler`, each at `place(location)`.
    """
    try:
        return handler(data)
    except ValidationError as error:
        moved = list(_moved(error.errors(include_url=False, include_input=False), place))
        raise ValidationError.from_exception_data("body", moved, hide_input=True) from None


def _moved(errors: Iterable[Mapping[str, Any]], place: Callable[[Location], Location]) -> Iterable[InitErrorDetails]:
    for error in errors:
        context = {**(error.get("ctx") or {}), "reason": error["msg"]}
        custom = PydanticCustomError(error["type"], "{reason}", context)
        yield InitErrorDetails(type=custom, loc=place(error["loc"]), input=None)
