"""When something is due: the words that say so, and the day they mean."""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = [name.lower() for name in calendar.month_name]
_NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "couple of": 2}
_MONTH = "|".join(f"{name}|{name[:3]}" for name in _MONTHS[1:])
_BY = r"(?:(?:by|before|until|till|on|for|due|no later than)\s+(?:the\s+)?)?"
_COUNT = r"\d{1,2}|an?|one|two|three|four|five|six|couple of"
_WEEKDAY = "|".join(_DAYS)
# "At the end of the day" is a way of speaking, "by the end of the day" is a date.
_END = (
    r"(?:\b(?:end|close) of (?:the |this )?(?P<end>week|month|year|quarter)"
    r"|(?<!at )(?<!at the )\b(?:end|close) of (?:the )?(?P<day_end>day|business)|\b(?P<short>eod|cob|eow))\b"
)
# At the start of a sentence it tells of the day the meeting is on ("Today I want to talk about the plan"), unless a
# promise follows.
_TODAY = (
    r"(?:(?<!^)\b(?:later\s+)?|^(?=\w+,?\s+(?:i|we)(?:'ll| will)\b))"
    r"(?P<today>today|tonight|this (?:afternoon|evening))\b(?!'s)"
)
# "EOD Wednesday" is due on Wednesday.
_PART = r"(?:eod|cob|noon|(?:end|close) of (?:the )?(?:day|business))"
_DAY = rf"tomorrow|{_WEEKDAY}"
_DAYPART = rf"\b(?:{_PART},?\s+(?:on\s+)?(?P<day_of>{_DAY})|(?P<of_day>{_DAY}),?\s+(?:by\s+)?{_PART})\b"
# A weekday before a date says the same day again: the date counts.
_NAMED = rf"(?:\b(?:{_WEEKDAY}),?\s+(?:the\s+)?)?"
_PATTERNS = {
    "iso": rf"{_NAMED}\b(?P<iso>\d{{4}}-\d{{2}}-\d{{2}})\b",
    "month": rf"{_NAMED}\b(?P<month>{_MONTH})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<year>\d{{4}}))?",
    "day_month": (
        rf"{_NAMED}\b(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month2>{_MONTH})\b(?:,?\s+(?P<year2>\d{{4}}))?"
    ),
    "ordinal": rf"\b(?:by the|(?:{_WEEKDAY}),?\s+the)\s+(?P<ordinal>\d{{1,2}})(?:st|nd|rd|th)\b",
    "in": rf"\b(?:in|within)\s+(?:the\s+next\s+)?(?:a\s+)?(?P<count>{_COUNT})\s+(?P<unit>days?|weeks?|months?)\b",
    "daypart": _DAYPART,
    "end": _END,
    "of_next": rf"\b(?P<of_next>{_WEEKDAY})\s+(?:of\s+)?next\s+week\b",
    "next": rf"\b(?P<which>next|this)\s+(?P<what>week|month|{_WEEKDAY})\b",
    "tomorrow": r"\b(?P<tomorrow>day after tomorrow|tomorrow)\b",
    "today": _TODAY,
    "weekday": rf"\b(?:by|before|until|on|for|due)\s+(?:this\s+)?(?P<weekday>{_WEEKDAY})\b(?!\s+last\b)",
}
_DUE = re.compile("|".join(f"(?P<kind_{name}>{_BY}{pattern})" for name, pattern in _PATTERNS.items()), re.I)
# "I'll march 10 people out", "you may 3 times".
_VERB_BEFORE = re.compile(r"(?:'ll|\b(?:will|to|i|we|you|they|can))\s+$", re.I)
# A negation reaches to the end of its clause; "don't forget to" and "not only" negate nothing.
_CLAUSE = r"\b(?:but|so|because|(?:i|we|you|they)(?:'ll| will))\b"
_NEGATED = re.compile(rf"(?:\bnot|n't|\bnever)\b(?!\s+(?:only|forget)\b)(?:(?!{_CLAUSE})[^,;.!?])*$", re.I)
_AS_LATE_AS = re.compile(r"(?:before|until|till)\b", re.I)
# "The May 1 outage" tells of a thing by its date.
_THE, _THING = re.compile(r"(?:^(?:on|for)\s+the\b|\bthe\s+$)", re.I), re.compile(r"\s+[a-z]")
_PAST = re.compile(r"\b(?:since|last|previous|ago|from|after)\s*$", re.I)


@dataclass(frozen=True, slots=True)
class Due:
    """A due date as said, from `start` to `end` of the text; `day` is null where the words alone do not settle it."""

    said: str
    day: date | None
    start: int
    end: int


def due(text: str, meeting_date: date | None, after: int = 0) -> Due | None:
    """The first due date that `text` states after an offset, else the last before it, or null.

    Weeks end on Friday: "this week" and "end of the week" mean its Friday, "next week" the Friday after. A bare
    weekday is the next one after the meeting. Relative words need `meeting_date`; a month and day without a year too.
    """
    found = due_dates(text, meeting_date)
    return next((date for date in found if date.end > after), found[-1] if found else None)


def due_dates(text: str, meeting_date: date | None) -> list[Due]:
    """Every due date that `text` states, in order; resolved as `due` tells."""
    return [
        Due(match[0].strip(), _resolved(match, meeting_date), match.start(), match.end())
        for match in _DUE.finditer(text)
        if _sets_a_date(match, text)
    ]


def _sets_a_date(match: re.Match[str], text: str) -> bool:
    before = text[max(0, match.start() - 80) : match.start()]
    if _PAST.search(before[-12:]) or (match["month"] and _VERB_BEFORE.search(before) and match[0][0].islower()):
        return False
    if _NEGATED.search(before) and not _AS_LATE_AS.match(match[0]):
        return False
    dated = match["month"] or match["month2"]
    return not (dated and (_THE.search(match[0]) or _THE.search(before)) and _THING.match(text, match.end()))


def _resolved(match: re.Match[str], today: date | None) -> date | None:
    kind = next(name for name in _PATTERNS if match[f"kind_{name}"])
    try:
        if kind == "iso":
            return date.fromisoformat(match["iso"])
        if kind in ("month", "day_month"):
            return _calendar_day(match["month"] or match["month2"], match["day"] or match["day2"], match, today)
        return _relative(kind, match, today) if today else None
    except (ValueError, OverflowError):
        return None  # such as February 30th, or the day after the last one that there is: said, but no day


def _calendar_day(month_name: str, day: str, match: re.Match[str], today: date | None) -> date | None:
    month = next(i for i, name in enumerate(_MONTHS) if i and name.startswith(month_name.lower()))
    year = match["year"] or match["year2"]
    if year:
        return date(int(year), month, int(day))
    if today is None:
        return None
    found = date(today.year, month, int(day))
    return found if found >= today else found.replace(year=today.year + 1)


def _relative(kind: str, match: re.Match[str], today: date) -> date:
    if kind in ("next", "of_next"):
        return _next((match["which"] or "next").lower(), (match["what"] or match["of_next"]).lower(), today)
    if kind in ("weekday", "daypart"):
        name = (match["weekday"] or match["day_of"] or match["of_day"]).lower()
        return today + timedelta(days=1) if name == "tomorrow" else _weekday_after(today, name)
    if kind == "end":
        return _end_of((match["end"] or match["day_end"] or match["short"]).lower(), today)
    if kind == "ordinal":
        day = int(match["ordinal"])
        return (today if day >= today.day else _months_on(today.replace(day=1), 1)).replace(day=day)
    return _counted(match, today) if kind == "in" else today + timedelta(days=_days_on(match["tomorrow"]))


def _days_on(tomorrow: str | None) -> int:
    return 0 if tomorrow is None else 2 if "after" in tomorrow.lower() else 1


def _counted(match: re.Match[str], today: date) -> date:
    count = _NUMBERS.get(match["count"].lower()) or int(match["count"])
    unit = match["unit"].lower()
    if unit.startswith("month"):
        return _months_on(today, count)
    return today + timedelta(days=count * (7 if unit.startswith("week") else 1))


def _end_of(what: str, today: date) -> date:
    if what in ("week", "eow"):
        return _friday(today)
    if what == "month":
        return _last_of_month(today)
    if what == "quarter":
        return _last_of_month(today.replace(day=1, month=(today.month - 1) // 3 * 3 + 3))
    return date(today.year, 12, 31) if what == "year" else today


def _next(which: str, what: str, today: date) -> date:
    weeks = 1 if which == "next" else 0
    if what == "week":
        return _friday(today) + timedelta(weeks=weeks)
    if what == "month":
        return _last_of_month(_months_on(today, weeks))
    if which == "next":
        return today + timedelta(days=7 - today.weekday() + _DAYS.index(what))
    return _weekday_after(today, what)


def _friday(today: date) -> date:
    return today + timedelta(days=(4 - today.weekday()) % 7)


def _weekday_after(today: date, name: str) -> date:
    return today + timedelta(days=(_DAYS.index(name.lower()) - today.weekday() - 1) % 7 + 1)


def _months_on(today: date, months: int) -> date:
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    return date(year, month + 1, min(today.day, calendar.monthrange(year, month + 1)[1]))


def _last_of_month(today: date) -> date:
    return today.replace(day=calendar.monthrange(today.year, today.month)[1])
