"""Pydantic's validation errors in our words: field, reason, fix, and nothing of the input."""

from collections.abc import Iterable, Mapping
from typing import Any

from besunny.errors import FieldError

_FIXES = {
    "missing": "add this field",
    "extra_forbidden": "remove this field",
    "string_too_short": "send a longer text",
    "string_too_long": "send a shorter text",
    "too_short": "send at least one entry",
    "too_long": "send fewer entries",
    "string_type": "send a text",
    "int_type": "send a whole number",
    "int_parsing": "send a whole number",
    "float_type": "send a number",
    "float_parsing": "send a number",
    "bool_type": "send true or false",
    "bool_parsing": "send true or false",
    "list_type": "send a list",
    "dict_type": "send an object",
    "model_attributes_type": "send an object",
    "model_type": "send an object",
}
# Where FastAPI's convention says which part of a request a field is in.
_PARTS = ("body", "query", "path", "header")


def field_errors(raw: Iterable[Mapping[str, Any]], *, prefix: str = "") -> list[FieldError]:
    """Error dicts, as `ValidationError.errors()` gives them, as field errors.

    Args:
        raw: the error dicts.
        prefix: where the validated value stands in the caller's body; it leads each field's path.
    """
    found = []
    for error in raw:
        location = [str(part) for part in error["loc"]]
        if not prefix and location and location[0] in _PARTS:
            location = location[1:]
        path = ".".join([prefix, *location] if prefix else location) or "body"
        expected = (error.get("ctx") or {}).get("expected")
        fix = _FIXES.get(error["type"]) or (f"send {expected}" if expected else "send a value as the reason says")
        found.append(FieldError(path, str(error["msg"]).removeprefix("Value error, "), fix))
    return found
