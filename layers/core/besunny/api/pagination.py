"""Cursors: opaque to callers, and never able to point outside what the caller may see."""

import base64
import binascii
import json
from typing import Any

from besunny.errors import FieldError, InvalidInputError


def encode_cursor(position: dict[str, Any] | None) -> str | None:
    """A position (sort keys only; the partition always comes from the principal) as an opaque text."""
    if position is None:
        return None
    return base64.urlsafe_b64encode(json.dumps(position, separators=(",", ":")).encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None) -> dict[str, Any] | None:
    """The position in a cursor.

    Raises:
        InvalidInputError: `cursor` is not one that this API gave.
    """
    if cursor is None:
        return None
    try:
        position = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        position = None
    if not isinstance(position, dict):
        raise InvalidInputError(
            FieldError("cursor", "not a cursor of this API", "send `next_cursor` of the page before")
        )
    return position
