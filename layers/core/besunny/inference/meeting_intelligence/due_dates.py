"""When something is due: the words that say so, and the day they mean."""

import re
from dataclasses import dataclass
from datetime import date

from besunny.inference.meeting_intelligence.due_days import resolved
from besunny.inference.meeting_intelligence.due_wordings import DUE

# "I'll march 10 people out", "you may 3 times".
_VERB_BEFORE = re.compile(r"(?:'ll|\b(?:will|to|i|we|you|they|can))\s+$", re.I)
# A negation reaches to the end of its clause; "don't forget to" and "not only" negate nothing.
_CLAUSE = r"\b(?:but|so|because|(?:i|we|you|they)(?:'ll| will))\b"
_NEGATED = re.compile(rf"(?:\bnot|n't|\bnever)\b(?!\s+(?:only|forget)\b)(?:(?!{_CLAUSE})[^,;.!?])*$", re.I)
_AS_LATE_AS = re.compile(r"(?:before|until|till)\b", re.I)
# "The May 1 outage" tells of a thing by its date.
_THE, _THING = re.compile(r"(?:^(?:on|for)\s+the\b|\bthe\s+$)", re.I), re.compile(r"\s+[a-z]")
_PAST = re.compile(r"\b(?:since|last|previous|ago|from|after)\s*$", re.I)
_OF = re.compile(r"(?<!\bend )(?<!\bclose )(?<!\bmorning )(?<!\bafternoon )(?<!\bevening )(?<!\bcourse )\bof\s+$", re.I)

# What can only lie ahead, or sets a limit, is no date of what has been.
_LIMIT = re.compile(r"(?:by|before|until|till|due|no later than|within|in)\b", re.I)
_AHEAD = ("in", "from_now", "next", "of_next", "after_next", "tomorrow", "end", "feast", "vague")
_WAS = (
    r"(?:(?!(?:need|proceed|exceed|succeed|indeed|speed|embed|feed|seed|breed|hundred)\b)[a-z]{2,}ed|was|were|had|did"
    r"|found|saw|said|told|sent|made|took|gave|went|came|broke|met|held|wrote|spoke|brought|bought|built|began|fell"
    r"|lost|left|ran|got|caught|heard|paid|sold|chose|shown|seen|done|taken|given|written)"
)
_SAID_WHAT = r"(?:(?!\b(?:to|will|must|should|need|needs|has to|have to|by)\b|'ll\b)[^,;.!?])*$"
# "What broke on Friday", "the bug that we found on Friday", "the contract we signed on May 1".
_HAPPENED = re.compile(
    rf"\b(?:that|which|who|what|where|when|how|why|as)(?:\s+[\w']+){{0,3}}?\s+"
    rf"(?<!\bthe )(?<!\ba )(?<!\ban )(?<!\byour )(?<!\bour )(?<!\btheir ){_WAS}\b{_SAID_WHAT}"
    rf"|\w\s+(?:we|you|he|she|they|it|i)\s+{_WAS}\b{_SAID_WHAT}"
    rf"|\b(?:the|an?|our|your)\s+[\w-]+\s+(?:that's\s+)?(?:[a-z]{{2,}}ed|found|sent|made|held|seen|done|given)"
    r"(?:\s+by\s+[\w']+)?\s+$",
    re.I,
)
_CAUSED = re.compile(r"\b(?:get|have|want|need|see|keep|make)\s+(?:the|an?|our|your)\s+[\w-]+\s+\w+\s+$", re.I)
# "The outage on May 1"; and what is for, about or from an event is not done on its day.
_MISHAP = (
    r"(?:incident|outage|crash|failure|breach|accident|complaint|downtime|fire|flood|leak|storm|blackout|regression"
    r"|election|holiday)s?"
)
_EVENT = (
    r"(?:meeting|workshop|call|demo|review|conference|event|session|training|interview|presentation|webinar|party"
    r"|launch|visit|inspection|hearing|audit|exam|retro|retrospective|sync|stand-?up|offsite|fair|dinner|lunch|shoot"
    r"|shift|release|delivery|flight|appointment|discussion|conversation|game|show|wedding|concert|agenda|kick-?off)s?"
)
_OF_AN_EVENT = re.compile(
    rf"\b{_MISHAP}\s+$|\b(?:for|from|of|about|regarding|concerning|after|during|with)\s+(?:[\w'-]+\s+){{0,4}}{_EVENT}\s+$",
    re.I,
)

_SUBJECT = re.compile(r"\b(?:i|we|you|he|she|they)\b|(?:'ll|\b(?:will|can|could|would|should|must))\b")


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
    weekday is the next one after the meeting, a quarter one of the calendar year. Relative words need `meeting_date`; a
    month and day without a year too.
    """
    found = due_dates(text, meeting_date)
    behind = next((date for date in found if date.end > after), None)
    return behind or next((date for date in reversed(found) if _leads(date, text, after)), None)


def _leads(date: Due, text: str, promise: int) -> bool:
    """Whether a date before a promise is its own: "By Friday I'll do it", not "My flight leaves on Friday so I'll"."""
    if not _SUBJECT.search(text[date.end : promise].lower().replace("’", "'")):
        return True
    return len(re.split(r"[,;:.]", text[: date.start])[-1].split()) <= 1


def due_dates(text: str, meeting_date: date | None) -> list[Due]:
    """Every due date that `text` states, in order; resolved as `due` tells."""
    return [
        Due(match[0].strip(), resolved(match, meeting_date), match.start(), match.end())
        for match in DUE.finditer(text)
        if _sets_a_date(match, text)
    ]


def _sets_a_date(match: re.Match[str], text: str) -> bool:
    before = text[max(0, match.start() - 80) : match.start()].replace("’", "'")
    if _PAST.search(before[-12:]) or (match["month"] and _VERB_BEFORE.search(before) and match[0][0].islower()):
        return False
    if _NEGATED.search(before) and not _AS_LATE_AS.match(match[0]):
        return False
    if not _LIMIT.match(match[0]) and not any(match[f"kind_{kind}"] for kind in _AHEAD):
        happened = _HAPPENED.search(before) and not _CAUSED.search(before)
        # "Friday's workshop" and "the incident of April 3" tell of a thing by its date.
        if happened or _OF.search(before) or _OF_AN_EVENT.search(before) or text[match.end() :][:2] in ("'s", "’s"):
            return False
    dated = match["month"] or match["month2"]
    return not (dated and (_THE.search(match[0]) or _THE.search(before)) and _THING.match(text, match.end()))
