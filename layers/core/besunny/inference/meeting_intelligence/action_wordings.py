"""How people promise, ask and assign: the wordings, and which of them a sentence uses."""

import re
from dataclasses import dataclass

from besunny.inference.meeting_intelligence.people import MARK, People
from besunny.inference.meeting_intelligence.verbs import FAINT, OF_THE_TALK, PHRASES, category
from besunny.inference.meeting_intelligence.words import tokens

_SOFT = (
    r"(?:(?:also|just|then|definitely|probably|certainly|now|please|maybe|personally|quickly|kindly|have to|need to"
    r"|try to|try and|go ahead and|be able to|make sure to|make sure (?:we|i|you)) )*"
)
_VERB = rf"{_SOFT}(?P<verb>[a-z-]+)"
_MUST = (
    r"(?:(?:just|really|also|still|probably|definitely|only) )*"
    r"(?:need to|needs to|have to|has to|should|must|ought to|gotta|got to|'ve got to|are to|is to)"
)
_GOING = r"(?:(?:'m|'re|'s| am| are| is) (?:going to|gonna))"

_TAG = r"(?:action item|action point|action|to-?do|follow-?up|next step|task)s?(?: for \S+:?| is| are|\s*[:-]|(?= to ))"

_ORDERS = "send|email|call|review|update|schedule|prepare|share|draft|book|ask|contact|complete|submit|forward|confirm"

# (who owns it, the wording, points). The first that fits a sentence best counts.
_FORMS: list[tuple[str, str, float]] = [
    ("self", rf"\bi(?:'ll| will| shall) {_VERB}", 0.9),
    ("self", rf"\bi{_GOING} {_VERB}", 0.1),
    ("self", rf"\bi(?: {_MUST}|{_MUST}) {_VERB}", 0.0),
    ("self", rf"\b(?:let me|i can|i could) {_VERB}", -0.3),
    ("self", rf"\bi(?: promise to| volunteer to|'d be happy to|'m happy to) {_VERB}", 1.0),
    ("you", rf"\b(?:can|could|will|would) (?:you|somebody|someone|anyone) {_VERB}", 0.8),
    ("you", rf"\bi(?: need| want|'d like| would like) you (?:guys |all )?to {_VERB}", 1.0),
    ("you", rf"(?:^|[,;.:] |\band )please {_VERB}", 1.2),
    ("you", rf"\byou(?: {_MUST}|{_MUST}|'ll {_MUST}| will {_MUST}) {_VERB}", -0.4),
    ("you", rf"\byou(?:'ll| will) {_VERB}", -0.5),
    ("you", rf"\b(?:don't forget|remember|be sure|make sure) to {_VERB}", 0.8),
    ("you", rf"^(?:and |then |also )?(?P<verb>{_ORDERS})\b", 0.0),
    ("we", rf"\bwe(?:'ll| will| shall) {_VERB}", -0.2),
    ("we", rf"\bwe{_GOING} {_VERB}", -0.7),
    ("we", rf"\bwe(?: {_MUST}|{_MUST}) {_VERB}", -0.1),
    ("we", rf"\blet's {_VERB}", -0.4),
    ("tag", rf"\b{_TAG} (?:to )?{_VERB}", 1.4),
]  # fmt: skip
_NAME = MARK.format("name")
_NAMED_FORMS: list[tuple[str, str, float]] = [
    ("name", rf"{_NAME}(?:'ll| will| shall|'s going to| is going to|'s gonna| {_MUST}) {_VERB}", 0.9),
    ("name", rf"(?:^|[.;:,] ?){_NAME}\s*[,:-]? (?:to|please) {_VERB}", 1.0),
    ("name", rf"{_NAME}, (?:can|could|will|would) you {_VERB}", 1.2),
    ("name", rf"\b(?:can|could|will|would) {_NAME} {_VERB}", 0.8),
    ("name", rf"\b(?:ask|want|need|have) {_NAME} to {_VERB}", 0.6),
]
_COMPILED = [(owner, re.compile(pattern), points) for owner, pattern, points in (*_NAMED_FORMS, *_FORMS)]
_ADDRESSED = re.compile(rf"(?:^|[.,;] |\band |\bso |\bokay ){MARK.format('first')},|, {MARK.format('last')}[?.!]*$")
_JOINT = re.compile(r",?\s+(?:and|but|while|so)\s+(?=\w)", re.I)
_SUBJECT = re.compile(r"(?:i|we|you)\b")
_OUTRIGHT = 0.5
_SHORTEST_CLAUSE = 4  # words
# Which owners' wordings a sentence can use at all: most sentences of a long meeting use none.
_GATE = re.compile(
    rf"(?P<self>\bi\b|\blet me\b)|(?P<we>\bwe\b|\blet's\b)|(?P<name>{_NAME.replace('?P<name>', '')})"
    rf"|(?P<you>\byou\b|\bplease\b|\b(?:some|any)(?:body|one)\b|\b(?:forget|remember|sure)\b|^(?:\w+ )?(?:{_ORDERS})\b)"
    r"|(?P<tag>\b(?:action|to-?do|follow-?up|next step|task))"
)


@dataclass(frozen=True, slots=True)
class Wording:
    """A promise, a request or an assignment in a sentence.

    Attributes:
        owner: `self` (the speaker promises), `you` (asks another), `name` (names the one), `we`, or `tag` (labelled).
        verb: what is to be done, `after` the word that follows it.
        named: the participant who is named as the one to do it.
        at: where in the sentence it begins.
        points: for the wording and for the verb, as `strength.confidence` takes them.
    """

    owner: str
    verb: str
    after: str
    named: str | None
    at: int
    points: float

    @property
    def asks(self) -> bool:
        """Whether it asks somebody outright, rather than saying what one has to do."""
        return self.owner == "you" and self.points >= _OUTRIGHT


def clauses(text: str, people: People) -> list[str]:
    """The clauses of a sentence that have a subject of their own; one where it has no joint."""
    low = text.lower().replace("’", "'")
    parts = []
    done = 0
    for joint in _JOINT.finditer(text):
        if _SUBJECT.match(low, joint.end()) or people.at(low, joint.end()):
            parts.append(text[done : joint.start()].strip(" ,"))
            done = joint.end()
    parts.append(text[done:])
    if any(len(part.split()) < _SHORTEST_CLAUSE for part in parts):
        return [text]
    return [part[:1].upper() + part[1:] for part in parts]


def best(marked: str, people: People) -> Wording | None:
    """The strongest wording of a sentence as `People.marked` gives it; null where it uses none."""
    owners = {match.lastgroup for match in _GATE.finditer(marked)}
    found = [
        _wording(marked, owner, match, points, people)
        for owner, pattern, points in _COMPILED
        if owner in owners
        for match in pattern.finditer(marked)
    ]
    return max(found, key=lambda wording: wording.points, default=None)


def _wording(marked: str, owner: str, match: re.Match[str], points: float, people: People) -> Wording:
    verb = match["verb"]
    after = (tokens(marked[match.end() : match.end() + 20]) or [""])[0]
    number = match["name"] if owner == "name" else _addressee(marked) if owner == "you" else None
    named = people.names[int(number)] if number else None
    return Wording(owner, verb, after, named, match.start(), points + _of_verb(verb, after))


def _addressee(marked: str) -> str | None:
    """Whom a request is addressed to: `Anna, can you ...` or `can you ..., Anna?`."""
    found = _ADDRESSED.search(marked)
    return found["first"] or found["last"] if found else None


def _of_verb(verb: str, after: str) -> float:
    if category(verb, after) is None:
        return -1.6 if verb in OF_THE_TALK or f"{verb} {after}" in PHRASES else -0.4
    return 0.2 if verb in FAINT else 0.8
