"""Times as transcripts write them."""

import math
import re
from typing import Any

from besunny.inference.contracts.common import fault

CLOCK = r"(?:\d{1,3}:)?\d{1,3}:\d{2}(?:[.,]\d{1,6})?(?:[ \t]?[AaPp][Mm]\b)?"
"""What may be a time: `01:02:03.5`, `62:03`, `10:01:02 PM`; `clock_seconds` tells whether it is one."""

_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2})(?:[.,](\d{1,6}))?(?:[ \t]?([AaPp])[Mm])?")
_EXPECTED = "seconds from the meeting's start (a number >= 0), HH:MM:SS.mmm, or null"
_SIXTY = 60
_NOON = 12


def clock_seconds(text: str) -> float | None:
    """`01:02:03.5`, `62:03`, `00:01:02,500` or `10:01:02 PM` in seconds; null where it is no time (`00:61:99`)."""
    match = _CLOCK.fullmatch(text.strip())
    if match is None:
        return None
    hours, minutes, whole = int(match[1] or 0), int(match[2]), int(match[3])
    if whole >= _SIXTY or (match[1] and minutes >= _SIXTY):
        return None
    if match[5]:
        if not match[1]:
            hours, minutes, whole = minutes, whole, 0  # "10:01 PM" has no seconds
        if not 1 <= hours <= _NOON:
            return None
        hours = hours % _NOON + (_NOON if match[5] in "pP" else 0)
    return round((hours * 60 + minutes) * 60 + whole + float(f"0.{match[4] or 0}"), 6)


def seconds(value: Any) -> float | None:
    """A time of a segment in seconds; null and empty text stay null.

    Raises:
        PydanticCustomError: negative, not finite, or not a time.
    """
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, str) and (clock := clock_seconds(value)) is not None:
        return clock
    try:
        if isinstance(value, bool):
            raise TypeError
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise fault("is not a time", _EXPECTED) from None
    if not math.isfinite(number) or number < 0:
        raise fault("is negative or not finite", _EXPECTED)
    return number
