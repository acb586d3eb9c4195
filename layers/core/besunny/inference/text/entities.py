"""People, organisations, places, dates and money, by their form and by small lists: only what the text holds."""

# ruff: noqa: SIM905 (lists of words read better as text)
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from besunny.inference.contracts.classification import Entities
from besunny.inference.contracts.common import Span

_LISTS = Path(__file__).parent
_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?"
)
_DAY = r"(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)"
_NTH = r"\d{1,2}(?:st|nd|rd|th)?\b"
_DATES = re.compile(
    rf"\b(?:\d{{4}}-\d{{2}}-\d{{2}}(?:T\d{{2}}:\d{{2}}(?::\d{{2}})?Z?)?|\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}"
    rf"|(?:{_DAY},?\s+)?{_NTH}\s+(?:of\s+)?{_MONTH}(?:,?\s+\d{{4}})?"
    rf"|(?:{_DAY},?\s+)?{_MONTH}\s+{_NTH}(?:,?\s+\d{{4}})?|{_MONTH}\s+\d{{4}}"
    rf"|Q[1-4](?:\s+\d{{4}})?|(?:(?:[Nn]ext|[Ll]ast|[Tt]his)\s+)?{_DAY}"
    r"|(?:[Nn]ext|[Ll]ast|[Tt]his)\s+(?:week|month|quarter|year)|[Tt]omorrow|[Yy]esterday)(?![\w-])"
)
_CODE = r"(?:USD|EUR|GBP|CHF|CAD|AUD|JPY|INR|CNY|SEK|NOK|DKK|PLN)"
_AMOUNT = r"\d+(?:[,.']\d{3})*(?:[.,]\d+)?(?:\s?(?:k|K|m|M|bn|B|[Tt]housand|[Mm]illion|[Bb]illion)\b)?"
_MONEY = re.compile(
    rf"(?:US|CA|AU)?[$€£¥₹]\s?{_AMOUNT}|\b{_CODE}\s?{_AMOUNT}|\b{_AMOUNT}\s?(?:€|{_CODE}\b|(?:dollars|euros?|pounds)\b)"
)
_NAME = r"[A-ZÀ-Þ][\w’'-]+"
_FAMILY = r"(?:(?:van|von|de|da|di|del|la|bin|al)\s){0,2}" + _NAME
_TITLED = re.compile(rf"\b(?:Mr|Mrs|Ms|Dr|Prof|Professor|Sir|Dame)\b\.?[ ](?:{_NAME}[ ])?{_FAMILY}")
_SPEAKER = re.compile(rf"^[ \t]*(?:\[[\d:.]+\][ ]*)?(?P<name>{_NAME}(?:[ ]{_FAMILY}){{0,2}})(?=:[ ])", re.MULTILINE)
_MAILED = re.compile(rf"(?P<name>{_NAME}(?:[ ]{_FAMILY}){{1,2}})(?=[ ]?<[^<>@\s]+@[^<>\s]+>)")
# A sentence's first word is capital too.
_OPENS = r"(?!(?:The|Our|Your|We|A|An|At|In|On|By|From|For|With|And|But|If|When|Dear|Hi|Hello|This|That|To)\b)"
_ORGANIZATIONS = re.compile(
    rf"\b{_OPENS}(?:{_NAME}|[A-Z]{{2,}})(?:[ ](?:&[ ]|and[ ])?(?:{_NAME}|[A-Z]{{2,}})){{0,4}},?[ ](?:Inc|Ltd|LLC"
    r"|LLP|GmbH|AG|Corp|Corporation|Company|Group|Holdings|Partners|Studios?|Labs|Agency|Bank|University|Institute|College"
    r"|Foundation|Association|Council|Committee|Ministry|Department|Technologies|Solutions|Systems|Media|Productions"
    r"|Pictures|Hospital|Museum|Airlines|Insurance|Industries|Ventures|Capital)\b\.?"
    r"|\b(?:University|Institute|Ministry|Department|Bank|College|Museum)[ ]of[ ](?:the[ ])?"
    rf"{_NAME}(?:[ ]{_NAME}){{0,2}}"
)
# Line heads of mails and minutes that look like a speaker's name.
_HEADS = frozenset(
    """Subject From To Cc Bcc Date Sent Re Fwd Note Notes Agenda Attendees Participants Summary Action Actions Decision
    Decisions Item Total Budget Deadline Location Time Where When Who What Why How Project Client Topic Question Answer
    Update Status Example Speaker Unknown Hi Hello Dear Thanks Regards Phone Email Address Website Tel PS Risks Goals
    Goal Scope Timeline Deliverables Background Overview Next Steps Todo Priority Owner Due Invoice Amount Payment Terms
    Reference Attachment Attachments Please Best Title Description Category Tags Keywords Name Company""".split()
)
_NOT_FAMILY = frozenset(
    "I The This That And But Or So If We You He She They It Is Are Was Will Can Could Please Thanks On In At To For"
    " From By With As What When Where Why How Yes No Not Monday Tuesday Wednesday Thursday Friday Saturday"
    " Sunday".split()
)
_LIMIT = 100


def entities(text: str) -> Entities:
    """What `text` names; each distinct name once, where it first stands, at most 100 of a kind."""
    taken: list[tuple[int, int]] = []
    organizations = _first(text, ((m.start(), m.end()) for m in _ORGANIZATIONS.finditer(text)), taken)
    dates = _first(text, ((m.start(), m.end()) for m in _DATES.finditer(text)), taken)
    locations = _first(text, ((m.start(), m.end()) for m in _places().finditer(text)), taken)
    money = _first(text, ((m.start(), m.end()) for m in _MONEY.finditer(text)), [])
    return Entities(
        people=_first(text, _people(text), taken),
        organizations=organizations,
        locations=locations,
        dates=dates,
        money=money,
    )


def _people(text: str) -> list[tuple[int, int]]:
    found = [(m.start(), m.end()) for m in _TITLED.finditer(text)]
    found += [m.span("name") for m in _MAILED.finditer(text)]
    found += [m.span("name") for m in _SPEAKER.finditer(text) if not _HEADS & set(m.group("name").split())]
    for match in _given().finditer(text):
        parts = match.group().split()
        family = len(parts) > 1 and parts[-1] not in _NOT_FAMILY
        found.append(match.span() if family else match.span("given"))
    # The longer of two that begin together: `Anna Keller` rather than `Anna`.
    return sorted(found, key=lambda span: (span[0], -span[1]))


def _first(text: str, spans: Iterable[tuple[int, int]], taken: list[tuple[int, int]]) -> list[Span]:
    """Distinct, not overlapping each other nor a longer name found before (`Bank of Scotland` is no place)."""
    found: dict[str, Span] = {}
    claimed = sorted(taken)
    last = -1
    at = 0
    for start, end in spans:
        while at < len(claimed) and claimed[at][1] <= start:
            at += 1
        if start < last or (at < len(claimed) and claimed[at][0] < end):
            continue
        last = end
        name = text[start:end].rstrip(".,'’-")
        taken.append((start, end))
        if len(found) < _LIMIT:
            found.setdefault(name.lower(), Span(text=name, start=start, end=start + len(name)))
    return list(found.values())


@lru_cache
def _given() -> re.Pattern[str]:
    return re.compile(rf"\b(?P<given>{_any_of('first_names.txt')})\b(?:[ ](?:[A-Z]\.[ ])?{_FAMILY})?")


@lru_cache
def _places() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{_any_of('places.txt')})\b")


def _any_of(file: str) -> str:
    names = (_LISTS / file).read_text(encoding="utf-8").split()
    return "|".join(name.replace("_", " ") for name in sorted(names, key=len, reverse=True))
