"""People whom a text names: by title, greeting, signature, speaker's mark, given name, or what they say."""

# ruff: noqa: SIM905 (lists of words read better as text)
import re
from collections.abc import Iterator

from besunny.inference.text.name_lists import entries

NAME = r"[A-ZÀ-ÞĀ-Ž](?:[’'][A-ZÀ-Þ])?[\w’'-]+"
FAMILY = r"(?:(?:van|von|de|da|di|del|den|der|la|bin|al|ter)\s){0,2}" + NAME
_TITLED = re.compile(
    rf"\b(?:Mr|Mrs|Ms|Mx|Dr|Prof|Professor|Sir|Dame)\b\.?[ ](?:{NAME}[ ])?{FAMILY}"
    rf"|\b(?:[Cc]hair(?:man|woman)?|CEO|CFO|CTO|COO|[Cc]ouncillor|[Pp]resident|[Ss]enator|[Dd]irector|[Cc]aptain"
    rf"|[Mm]inister|[Cc]urator|[Pp]roducer|[Jj]udge)[ ](?P<office>{NAME}[ ]{FAMILY})"
)
_SPEAKER = re.compile(rf"^[ \t]*(?:\[[\d:.]+\][ ]*)?(?P<name>{NAME}(?:[ ]{FAMILY}){{0,2}})(?=:[ ])", re.MULTILINE)
_MAILED = re.compile(rf"(?P<name>{NAME}(?:[ ]{FAMILY}){{1,2}})(?=[ ]?<[^<>@\s]+@[^<>\s]+>)")
_GREETED = re.compile(
    rf"^[ \t>]*(?:Hi|Hello|Hey|Dear|Morning|Good morning)[ ](?P<name>{NAME})(?=[,!:]|[ ]and\b|\s*$)", re.MULTILINE
)
_SIGNED = re.compile(
    r"(?:^|(?<=[.!?][ ]))(?:(?:(?:Best|Kind|Warm)[ ])?[Rr]egards|Best|Cheers|Thanks|Many thanks|Thank you"
    r"|Yours(?:[ ]\w+)?|Sincerely|Love|Cordialement|Mit freundlichen Grüßen)[,.!]?\s+"
    rf"(?P<name>{NAME}(?:[ ]{FAMILY}){{0,2}})(?=[ \t]*(?:$|[|,]))",
    re.MULTILINE,
)
_SAYS = re.compile(
    rf"\b(?P<name>{NAME}[ ]{FAMILY})(?=[ ](?:said|says|told|wrote|writes|asked|asks|promised|agreed|confirmed|joined|"
    rf"(?:from|of)[ ][A-Z]|will[ ](?:send|call|join|be|bring|prepare|review|share)))"
)
# Line heads of mails, minutes and forms that look like a speaker's name.
_HEADS = frozenset(
    """Subject From To Cc Bcc Date Sent Re Fwd Note Notes Agenda Attendees Participants Summary Action Actions Decision
    Decisions Item Total Budget Deadline Location Time Where When Who What Why How Project Client Topic Question Answer
    Update Status Example Speaker Unknown Hi Hello Dear Thanks Regards Phone Email Address Website Tel PS Risks Goals
    Goal Scope Timeline Deliverables Background Overview Next Steps Todo Priority Owner Due Invoice Amount Payment Terms
    Reference Attachment Attachments Please Best Title Description Category Tags Keywords Name Company Objective Tone
    Shoot Audience Call Scene Lunch Director Producer Camera Chapter Room Stop Page Version Guideline Order Account
    Errors Error Warning Result Results Requirements Step Part Section Contact Web Fax Bill Ship Law
    Governing""".split()
)
_NOT_FAMILY = frozenset(
    """I The This That And But Or So If We You He She They It Is Are Was Will Can Could Please Thanks On In At To For
    From By With As What When Where Why How Yes No Not Monday Tuesday Wednesday Thursday Friday Saturday Sunday January
    February March April May June July August September October November December All Team Everyone Both""".split()
)
_NOT_PERSON = frozenset(
    "All Team Everyone Everybody Both Sir Madam Customer Colleagues Friends Folks There Best".split()
)
# Given names that are words too: they need a family name after them, or a greeting or signature.
_ALSO_WORDS = frozenset(
    """Will May Mark Hope Grace Rose Bill Art Joy Faith Rich Christian Summer Dawn April June Sandy Crystal Pearl Chase
    Grant Lance Cliff Miles Page Penny Skip Guy Earl Dale Heath Iris Ginger Olive Violet Daisy Major Angel Star
    Sky Sterling Norm Gene Herb Stone Brook Autumn Wade Rusty Buddy Sonny Ace Harmony Charity Don Ed Al Van Do
    Noble Royal Prince Duke Price Berry Basil Reed Forest Mercedes Porsche Jersey Paris London Sydney Austin
    Dallas Houston Florence Verona Asia America India Kenya Savannah Brooklyn Israel Jordan Chelsea Kent Devon
    Mason Carter Hunter Parker Cooper Porter Sawyer Tanner Carpenter Cook Miller Baker Else""".split()
)


def people(text: str) -> list[tuple[int, int]]:
    """Start and end of each mention of a person, in order; the longer of two that begin together first."""
    found = list(_by_surroundings(text))
    found += _by_given_name(text)
    return sorted(found, key=lambda span: (span[0], -span[1]))


def _by_surroundings(text: str) -> Iterator[tuple[int, int]]:
    for match in _TITLED.finditer(text):
        yield match.span("office") if match.group("office") else match.span()
    for match in _SPEAKER.finditer(text):
        if not _HEADS & set(match.group("name").split()):
            yield match.span("name")
    for pattern in (_MAILED, _GREETED, _SIGNED, _SAYS):
        for match in pattern.finditer(text):
            words = match.group("name").split()
            if not (_NOT_PERSON | _NOT_FAMILY) & set(words):
                yield match.span("name")


_CAPITAL = re.compile(rf"(?<![\w@./-]){NAME}")
_THERE = re.compile(r"\b(?:[Ii]n|[Aa]t|[Tt]o|[Nn]ear|[Ff]rom|[Oo]f) $")
_AFTER = re.compile(rf"[ ](?:[A-Z]\.[ ])?(?P<family>{FAMILY})")


def _by_given_name(text: str) -> Iterator[tuple[int, int]]:
    given, places = entries("first_names.txt"), entries("places.txt")
    for match in _CAPITAL.finditer(text):
        name, end = match.group(), match.end()
        if name.endswith(("'s", "’s")):
            name, end = name[:-2], end - 2
        if name not in given and name.split("-")[0] not in given:
            continue
        if name in places and _THERE.search(text, max(0, match.start() - 8), match.start()):
            continue
        after = _AFTER.match(text, end)
        if after and after.group("family").split()[-1] not in _NOT_FAMILY:
            yield match.start(), after.end()
        elif name not in _ALSO_WORDS and name not in places:
            yield match.start(), end
