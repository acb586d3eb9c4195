"""Identifiers: UUIDv7 (RFC 9562), so that ids made later sort later."""

import secrets
import uuid
from collections.abc import Callable
from datetime import datetime

RandomBits = Callable[[int], int]


def new_id(now: datetime, random_bits: RandomBits = secrets.randbits) -> str:
    """A UUIDv7 of this moment, in its 36-character form.

    Args:
        now: timezone-aware; its milliseconds become the leading 48 bits.
        random_bits: takes a number of bits, gives an integer below 2**bits.
    """
    milliseconds = int(now.timestamp() * 1000) & (2**48 - 1)
    value = milliseconds << 80 | 0x7 << 76 | random_bits(12) << 64 | 0b10 << 62 | random_bits(62)
    return str(uuid.UUID(int=value))


def is_id(text: str) -> bool:
    """Whether `text` has the form of an id, so that nonsense is refused before any read."""
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
