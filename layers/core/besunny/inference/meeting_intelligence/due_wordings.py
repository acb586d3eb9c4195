"""The words that state a day, as one regular expression whose groups `due_days.resolved` reads."""

import calendar
import re

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = [name.lower() for name in calendar.month_name]
_ONES = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
_TEENS = (
    *("tenth", "eleventh", "twelfth", "thirteenth", "fourteenth"),
    *("fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth"),
)
_TWENTIES = ("twentieth", *(f"twenty-{name}" for name in _ONES), "thirtieth", "thirty-first")
ORDINALS = {name: number for number, name in enumerate((*_ONES, *_TEENS, *_TWENTIES), 1)}
NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "fourteen": 14, "thirty": 30, "couple of": 2, "couple": 2,
}  # fmt: skip

_MONTH = "|".join(f"{name}|{name[:3]}|sept" if name == "september" else f"{name}|{name[:3]}" for name in MONTHS[1:])
_BY = r"(?:(?:by|before|until|till|on|for|due|no later than)\s+(?:the\s+)?)?"
_UP_TO = r"(?:by|before|until|till|due(?:\s+on)?|no later than)\s+"
_COUNT = rf"\d{{1,2}}|{'|'.join(sorted(NUMBERS, key=len, reverse=True))}"
_WEEKDAY = "|".join(DAYS)
_WORDED = "|".join(sorted((name.replace("-", "[- ]") for name in ORDINALS), key=len, reverse=True))
_NTH = rf"\d{{1,2}}(?:st|nd|rd|th)|{_WORDED}"
_NAME_OF_QUARTER = r"q[1-4]|(?:first|second|third|fourth|last) quarter"
# "At the end of the day" is a way of speaking, "by the end of the day" is a date.
_END = (
    rf"(?:\b(?:end|close) of (?:the |this )?(?P<end>week|month|year|quarter|{_NAME_OF_QUARTER}|{_MONTH})"
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
# "The 2nd shoot" counts shoots, "the 2nd" days.
_NOT_OF_A_THING = (
    r"(?!\s+(?!(?:and|or|so|at|but|if|please|for|to|then|of|with|in|on|as|because|when|is|works)\b)[a-z]|[-/])"
)
# Only at the end of a clause: "Monday is a holiday" states no date of a promise.
_BARE = (
    rf"(?<!\blast\s)(?<!\bevery\s)(?<!\beach\s)(?<!\bthe\s)(?<!\bprevious\s)\b(?P<bare>{_WEEKDAY})\b"
    r"(?=\s+(?:(?:morning|afternoon|evening|night|noon|lunchtime|latest)\b|at\b|if\b|so\b|then\b|and\b|or\b|please\b)"
    r"|\s*[.,;!?]|\s*$)"
)
# What is said without a day of its own: kept as said, and resolved to nothing.
_VAGUE = (
    rf"\b(?:(?P<week_on>{_WEEKDAY})\s+(?:week|fortnight)\b"
    rf"|(?:mid|early|late)[- ](?:{_MONTH}|(?:the\s+)?(?:next|this)\s+(?:week|month|year|quarter))\b"
    r"|(?:(?:the\s+)?(?:start|beginning|middle)\s+of|first\s+thing)\s+(?:the\s+)?(?:next\s+)?"
    rf"(?:week|month|year|quarter|{_MONTH})\b"
    r"|(?:early|late|middle)\s+(?:in\s+)?(?:next|this)\s+(?:week|month|year)\b"
    r"|(?:(?:the\s+)?end\s+of\s+)?next\s+(?:quarter|year)\b)"
)
PATTERNS = {
    "iso": rf"{_NAMED}\b(?P<iso>\d{{4}}-\d{{2}}-\d{{2}})\b",
    "dotted": r"\b(?P<dotted>\d{1,2}\.\d{1,2}\.(?:20)?\d{2})\b(?!\.?\d)",
    "slashed": r"(?:(?<=\bby\s)|(?<=\bbefore\s)|(?<=\buntil\s)|(?<=\bon\s)|(?<=\bdue\s)|(?=\d+/\d+/\d{2}))"
    r"\b(?P<slashed>\d{1,2}/\d{1,2}(?:/(?:20)?\d{2})?)\b(?!/)",
    "vague": _VAGUE,
    "month": rf"{_NAMED}\b(?P<month>{_MONTH})\.?\s+(?:the\s+)?"
    rf"(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?|(?P<day_word>{_WORDED}))\b(?:,?\s+(?P<year>\d{{4}}))?",
    "day_month": (
        rf"{_NAMED}\b(?:(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?|(?P<day2_word>{_WORDED}))\s+(?:of\s+)?(?P<month2>{_MONTH})\b"
        r"(?:,?\s+(?P<year2>\d{4}))?"
    ),
    "ordinal": rf"\b(?:{_UP_TO}the|on\s+the|(?:{_WEEKDAY}),?\s+the)\s+(?P<ordinal>{_NTH})\b"
    rf"(?:\s+of\s+(?P<ordinal_of>next|this|the)\s+month)?{_NOT_OF_A_THING}",
    "in": rf"\b(?:in|within)\s+(?:the\s+next\s+)?(?:a\s+)?(?P<count>{_COUNT})\s+"
    r"(?P<unit>(?:(?:business|working)\s+)?days?|weeks?|months?|fortnight|hours?)\b",
    "from_now": rf"\b(?P<count_on>{_COUNT})\s+(?P<unit_on>days?|weeks?|months?)\s+from\s+(?:now|today)\b",
    "daypart": _DAYPART,
    "end": _END,
    "after_next": r"\b(?P<after_next>week\s+after\s+next)\b",
    "of_next": rf"\b(?P<of_next>{_WEEKDAY})\s+(?:of\s+)?next\s+week\b",
    "next": rf"\b(?P<which>next|this|coming)\s+(?P<what>week|month|{_WEEKDAY})\b",
    "tomorrow": r"\b(?P<tomorrow>day after tomorrow|tomorrow)\b",
    "today": _TODAY,
    "weekday": (
        rf"\b(?:{_UP_TO}|on\s+|for\s+)(?:this\s+|coming\s+)?(?P<weekday>{_WEEKDAY})\b(?!\s+last\b)"
    ),
    "bare": _BARE,
    "feast": rf"\b{_UP_TO}(?P<feast>christmas(?:\s+eve)?|new\s+year(?:'s\s+eve)|easter|the\s+weekend"
    rf"|(?:the\s+)?(?:{_NAME_OF_QUARTER})|(?:the\s+end\s+of\s+)?(?:{_MONTH}))\b(?!\s+\d)",
}  # fmt: skip
DUE = re.compile("|".join(f"(?P<kind_{name}>{_BY}{pattern})" for name, pattern in PATTERNS.items()), re.I)
