"""When the work is due: the date as written, the time until then, and what priority follows."""

import re
from datetime import date, datetime
from typing import Literal

from besunny.inference.contracts.project_onboarding import Estimate

_FORMATS = (
    "%Y-%m-%d",
    "%d %B %Y",
    "%B %d %Y",
    "%d %b %Y",
    "%b %d %Y",
    "%A %d %B %Y",
    "%A %B %d %Y",
    "%d.%m.%Y",
    "%Y/%m/%d",
)
_LENGTH = re.compile(
    r"\b(?:\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|twelve)(?:\s?(?:-|–|to)\s?\d{1,3})?[\s-]"
    r"(?:business\s|working\s)?(?:day|week|month|year)s?\b",
    re.IGNORECASE,
)
_NOT_A_LENGTH = re.compile(r"\b(?:ago|old|for the last|over the past|in the last|past|last)\s*$", re.IGNORECASE)
_URGENT = re.compile(r"\b(?:urgent(?:ly)?|asap|as soon as possible|immediately|emergency|right away)\b", re.IGNORECASE)
_LOW = re.compile(
    r"\b(?:no rush|not urgent|no hurry|no deadline|whenever|low priority|nice to have|someday)\b", re.IGNORECASE
)
_DAYS_URGENT, _DAYS_HIGH = 3, 14

Priority = Literal["low", "normal", "high", "urgent"]


def day_of(written: str) -> date | None:
    """The day that `written` names with its year, in ISO form or in English; None where it is vague or ambiguous."""
    text = re.sub(r"(\d)(?:st|nd|rd|th)\b", r"\1", written.strip().replace(",", " "))
    text = " ".join(text.replace(" of ", " ").split())
    for candidate in (text, text[:10]):
        for form in _FORMATS:
            try:
                return datetime.strptime(candidate, form).date()
            except ValueError:
                continue
    return None


def priority(text: str, due: date | None, today: date) -> tuple[Priority, str]:
    """The priority, and what it follows from: the client's words before the calendar."""
    if low := _LOW.search(text):
        return "low", f"the text says “{low.group()}”"
    if urgent := _URGENT.search(text):
        return "urgent", f"the text says “{urgent.group()}”"
    if due and due >= today:
        days = (due - today).days
        if days <= _DAYS_HIGH:
            return ("urgent" if days <= _DAYS_URGENT else "high"), f"{due.isoformat()} is {days} days away"
    return "normal", "nothing given asks for another"


def duration(text: str, due: date | None, today: date) -> Estimate | None:
    """How long the work takes: as written, else the time until the date; None where neither is given."""
    for match in _LENGTH.finditer(text):
        around = text[max(0, match.start() - 20) : match.start()], text[match.end() : match.end() + 8]
        if not _NOT_A_LENGTH.search(around[0]) and not re.match(r"\s*(?:ago|old)\b", around[1]):
            return Estimate(value=match.group(), reason="as written")
    if due and due > today:
        days = (due - today).days
        value = f"{days} days" if days < 14 else f"{round(days / 7)} weeks"
        return Estimate(value=value, reason=f"the time until {due.isoformat()}")
    return None
