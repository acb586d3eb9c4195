"""Times as transcripts write them."""

import math
import re
from typing import Any

from besunny.inference.contracts.common import fault

CLOCK = r"(?:\d{1,3}:)?\d{1,3}:\d{2}(?:[.,]\d{1,6})?"
_CLOCK = re.compile(rf"\s*{CLOCK}\s*")
_EXPECTED = "seconds from the meeting's start (a number >= 0), HH:MM:SS.mmm, or null"


def clock_seconds(text: str) -> float:
    """`01:02:03.5`, `62:03` or `00:01:02,500` in seconds; the text must match `CLOCK`."""
    total = 0.0
    for part in text.strip().replace(",", ".").split(":"):
        total = total * 60 + float(part)
    return round(total, 6)


def seconds(value: Any) -> float | None:
    """A time of a segment in seconds; null and empty text stay null.

    Raises:
        PydanticCustomError: negative, not finite, or not a time.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, str) and _CLOCK.fullmatch(value):
        return clock_seconds(value)
    try:
        if isinstance(value, bool):
            raise TypeError
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise fault("is not a time", _EXPECTED) from None
    if not math.isfinite(number) or number < 0:
        raise fault("is negative or not finite", _EXPECTED)
    return number
