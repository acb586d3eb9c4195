"""People, organisations, places, dates and money, by their form and by small lists: only what the text holds."""

import re
from collections.abc import Iterable

from besunny.inference.contracts.classification import Entities
from besunny.inference.contracts.common import Span
from besunny.inference.text.name_lists import entries
from besunny.inference.text.people import NAME, people

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
_CODE = r"(?:USD|EUR|GBP|CHF|CAD|AUD|JPY|INR|CNY|SEK|NOK|DKK|PLN|ZAR|BRL|MXN|SGD)"
_AMOUNT = r"\d+(?:[,.']\d{3})*(?:[.,]\d+)?(?:\s?(?:k|K|m|M|bn|B|[Tt]housand|[Mm]illion|[Bb]illion)\b)?"
_MONEY = re.compile(
    rf"(?:US|CA|AU)?[$€£¥₹]\s?{_AMOUNT}|\b{_CODE}\s?{_AMOUNT}|\b{_AMOUNT}\s?(?:€|{_CODE}\b|(?:dollars|euros?|pounds)\b)"
)
# A sentence's first word is capital too.
_OPENS = r"(?!(?:The|Our|Your|We|A|An|At|In|On|By|From|For|With|And|But|If|When|Dear|Hi|Hello|This|That|To)\b)"
_ORGANIZATIONS = re.compile(
    rf"\b{_OPENS}(?:{NAME}|[A-Z]{{2,}})(?:[ ](?:&[ ]|and[ ])?(?:{NAME}|[A-Z]{{2,}})){{0,4}},?[ ](?:Inc|Ltd|LLC"
    r"|LLP|PLC|plc|GmbH|AG|AS|ASA|AB|ApS|BV|B\.V\.|NV|SA|SAS|SpA|Oy|Corp|Corporation|Company|Group|Holdings|Partners|Studios?"
    r"|Labs|Agency|Bank|University|Institute|College|School|Clinic|Union|Authority|Trust|Society|Federation|Court|Office"
    r"|Foundation|Association|Council|Committee|Ministry|Department|Technologies|Solutions|Systems|Media|Productions"
    r"|Pictures|Hospital|Museum|Airlines|Insurance|Industries|Ventures|Capital|Robotics|Software"
    r"|Energy|Pharma|Motors|Airways|Foods|Logistics|Dynamics|Brothers|Accountants|Cruises)(?![\w’'-])\.?"
    r"|\b(?:University|Institute|Ministry|Department|Bank|College|Museum)[ ]of[ ](?:the[ ])?"
    rf"{NAME}(?:[ ]{NAME}){{0,2}}"
)
_CAPITALS = re.compile(rf"(?<![\w@./-])(?:{NAME}|[A-Z]{{2,}})(?:[ ](?:(?:of|the|de|do|&)[ ])*(?:{NAME}|[A-Z]{{2,}}))*")
_WORD = re.compile(r"[\w&’'.-]+")
_MOST_WORDS = 4
_LIMIT = 100


def entities(text: str) -> Entities:
    """What `text` names; each distinct name once, where it first stands, at most 100 of a kind."""
    taken: list[tuple[int, int]] = []
    formed = [match.span() for match in _ORGANIZATIONS.finditer(text)]
    organizations = sorted([*formed, *_listed(text, "organizations.txt")], key=lambda span: (span[0], -span[1]))
    found = {
        "organizations": _first(text, organizations, taken),
        "dates": _first(text, (match.span() for match in _DATES.finditer(text)), taken),
        "people": _full_names(_first(text, people(text), taken)),
        "locations": _first(text, _listed(text, "places.txt"), taken),
        "money": _first(text, (match.span() for match in _MONEY.finditer(text)), []),
    }
    return Entities(**found)


def _full_names(found: list[Span]) -> list[Span]:
    """Without `Priya` where `Priya Raman` is named too."""
    parts = {part for span in found if " " in span.text for part in span.text.lower().split()}
    return [span for span in found if span.text.lower() not in parts]


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


def _listed(text: str, file: str) -> Iterable[tuple[int, int]]:
    """Names of a list that stand in the text, the longest at each place."""
    known = entries(file)
    for match in _CAPITALS.finditer(text):
        words = list(_WORD.finditer(match.group()))
        first = 0
        while first < len(words):
            last = next(
                (
                    last
                    for last in range(min(len(words), first + _MOST_WORDS), first, -1)
                    if match.group()[words[first].start() : words[last - 1].end()] in known
                ),
                None,
            )
            if last is not None:
                yield match.start() + words[first].start(), match.start() + words[last - 1].end()
            first = last or first + 1
