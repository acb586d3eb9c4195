"""The day that words of time mean, seen from the day of the meeting."""

import calendar
import re
from collections.abc import Callable
from datetime import date, timedelta

from besunny.inference.meeting_intelligence.due_wordings import DAYS, MONTHS, NUMBERS, ORDINALS, PATTERNS

_QUARTERS = ("first", "second", "third", "fourth")
# "By May 1", said on May 18, is more likely a slip or a day that has passed than one eleven months ahead.
_JUST_PASSED = timedelta(days=60)


def resolved(match: re.Match[str], today: date | None) -> date | None:
    """The day of a match of `due_wordings.DUE`; null where the words alone do not settle it, or there is no such day.

    Args:
        today: the day of the meeting; null resolves only what names its year.
    """
    kind = next(name for name in PATTERNS if match[f"kind_{name}"])
    try:
        if kind == "iso":
            return date.fromisoformat(match["iso"])
        if kind == "dotted":
            day, month, year = map(int, match["dotted"].split("."))
            return date(year % 100 + 2000, month, day)
        if kind == "slashed":
            return _slashed(match["slashed"], today)
        if kind in ("month", "day_month"):
            return _calendar_day(match, today)
        return _relative(kind, match, today) if today else None
    except (ValueError, OverflowError):
        return None  # such as February 30th, or the day after the last one that there is: said, but no day


def _slashed(said: str, today: date | None) -> date | None:
    """Day and month in either order, where one of them can be no month."""
    first, second, *year = map(int, said.split("/"))
    if first <= 12 and second <= 12 and first != second:
        return None
    day, month = max(first, second), min(first, second)
    if year:
        return date(year[0] % 100 + 2000, month, day)
    return _in_a_year(month, day, today)


def _calendar_day(match: re.Match[str], today: date | None) -> date | None:
    name = (match["month"] or match["month2"]).lower()
    month = _month(name)
    day = match["day"] or match["day2"]
    number = int(day) if day else ORDINALS[_worded(match["day_word"] or match["day2_word"])]
    year = match["year"] or match["year2"]
    return date(int(year), month, number) if year else _in_a_year(month, number, today)


def _in_a_year(month: int, day: int, today: date | None) -> date | None:
    """The next such day; null where it has just passed."""
    if today is None:
        return None
    found = date(today.year, month, day)
    if found >= today:
        return found
    return None if today - found <= _JUST_PASSED else found.replace(year=today.year + 1)


def _worded(ordinal: str) -> str:
    return ordinal.lower().replace(" ", "-")


def _relative(kind: str, match: re.Match[str], today: date) -> date | None:
    reader = _READERS.get(kind)
    return reader(match, today) if reader else None


def _of_next(match: re.Match[str], today: date) -> date:
    return _next((match["which"] or "next").lower(), (match["what"] or match["of_next"]).lower(), today)


def _of_week(match: re.Match[str], today: date) -> date:
    name = (match["weekday"] or match["bare"] or match["day_of"] or match["of_day"]).lower()
    return today + timedelta(days=1) if name == "tomorrow" else _weekday_after(today, name)


def _ordinal(match: re.Match[str], today: date) -> date:
    said = match["ordinal"]
    day = int(said[:-2]) if said[0].isdigit() else ORDINALS[_worded(said)]
    of = (match["ordinal_of"] or "").lower()
    later = of == "next" or (not of and day < today.day)
    return (_months_on(today.replace(day=1), 1) if later else today).replace(day=day)


def _counted(said: str, unit: str, today: date) -> date | None:
    count = NUMBERS.get(said.lower()) or int(said)
    unit = unit.lower()
    if unit.startswith("month"):
        return _months_on(today, count)
    if unit.startswith("hour"):
        # From a day alone only whole days can be counted.
        return None if count % 24 else today + timedelta(days=count // 24)
    if unit.startswith(("business", "working")):
        day = today
        for _ in range(count):
            day += timedelta(days=max(1, 7 - day.weekday()) if day.weekday() >= 4 else 1)
        return day
    return today + timedelta(days=count * {"w": 7, "f": 14}.get(unit[0], 1))


def _end_of(what: str, today: date) -> date | None:
    if what in ("week", "eow"):
        return _friday(today)
    if what == "month":
        return _last_of_month(today)
    if what == "quarter":
        return _last_of_month(today.replace(day=1, month=(today.month - 1) // 3 * 3 + 3))
    if what in ("year", "last quarter"):
        return date(today.year, 12, 31)
    if what in ("day", "business", "eod", "cob"):
        return today
    month = _month(what) if not what.startswith("q") and " " not in what else _last_month_of_quarter(what)
    return _in_a_year(month, calendar.monthrange(today.year, month)[1], today)


def _last_month_of_quarter(what: str) -> int:
    return 3 * (int(what[1]) if what.startswith("q") else _QUARTERS.index(what.partition(" ")[0]) + 1)


def _month(name: str) -> int:
    return next(number for number, full in enumerate(MONTHS) if number and full.startswith(name[:3]))


def _feast(match: re.Match[str], today: date) -> date | None:
    """Christmas and New Year's Eve, which have their day; the day before it, where all is to be done before it."""
    name = match["feast"].lower()
    before = match[0].lower().startswith("before")
    if name.startswith("christmas"):
        day = date(today.year, 12, (24 if name.endswith("eve") else 25) - before)
    elif name.startswith("new year"):
        day = date(today.year, 12, 31 - before)
    else:
        return None
    return day if day >= today else None


def _next(which: str, what: str, today: date) -> date:
    weeks = 1 if which == "next" else 0
    if what == "week":
        return _friday(today) + timedelta(weeks=weeks)
    if what == "month":
        return _last_of_month(_months_on(today, weeks))
    if which == "next":
        return today + timedelta(days=7 - today.weekday() + DAYS.index(what))
    return _weekday_after(today, what)


def _friday(today: date) -> date:
    return today + timedelta(days=(4 - today.weekday()) % 7)


def _weekday_after(today: date, name: str) -> date:
    return today + timedelta(days=(DAYS.index(name.lower()) - today.weekday() - 1) % 7 + 1)


def _months_on(today: date, months: int) -> date:
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    return date(year, month + 1, min(today.day, calendar.monthrange(year, month + 1)[1]))


def _last_of_month(today: date) -> date:
    return today.replace(day=calendar.monthrange(today.year, today.month)[1])


_READERS: dict[str, Callable[[re.Match[str], date], date | None]] = {
    "next": _of_next,
    "of_next": _of_next,
    "weekday": _of_week,
    "daypart": _of_week,
    "bare": _of_week,
    "end": lambda match, today: _end_of((match["end"] or match["day_end"] or match["short"]).lower(), today),
    "ordinal": _ordinal,
    "in": lambda match, today: _counted(match["count"], match["unit"], today),
    "from_now": lambda match, today: _counted(match["count_on"], match["unit_on"], today),
    "after_next": lambda _, today: _friday(today) + timedelta(weeks=2),
    "feast": _feast,
    "today": lambda _, today: today,
    "tomorrow": lambda match, today: today + timedelta(days=2 if "after" in match["tomorrow"].lower() else 1),
}
