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
# Pydantic's own reasons name our classes here.
_REASONS = dict.fromkeys(("dict_type", "model_type", "model_attributes_type"), "Input should be an object")
# A body can hold more errors than an answer has room for (Lambda's is 6 MB).
NAMED_ERRORS = 50


def field_errors(raw: Iterable[Mapping[str, Any]], *, prefix: str = "") -> list[FieldError]:
    """Error dicts, as `ValidationError.errors()` gives them, as field errors; beyond 50 the last says how many more.

    Args:
        raw: the error dicts.
        prefix: where the validated value stands in the caller's body; it leads each field's path.
    """
    found = []
    raw = list(raw)
    for error in raw[:NAMED_ERRORS]:
        path = ".".join(filter(None, [prefix, *map(str, error["loc"])])) or "body"
        expected = (error.get("ctx") or {}).get("expected")
        fix = _FIXES.get(error["type"]) or (f"send {expected}" if expected else "send a value as the reason says")
        reason = _REASONS.get(error["type"]) or str(error["msg"]).removeprefix("Value error, ")
        found.append(FieldError(path, reason, fix))
    if len(raw) > NAMED_ERRORS:
        more = f"{len(raw) - NAMED_ERRORS} more errors are not named here"
        found.append(FieldError(prefix or "body", more, "mend these first, then send it again"))
    return found
