"""How people promise, ask and assign: the wordings, and which of them a sentence uses."""

import re
from dataclasses import dataclass

from besunny.inference.meeting_intelligence.people import People
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
_COMPILED = [(owner, re.compile(pattern), points) for owner, pattern, points in _FORMS]
_OUTRIGHT = 0.5
_SHORTEST_CLAUSE = 4  # words
_GATE = re.compile(
    r"\b(?:i|we|you|please|let|let's|action|actions|to-?do|todo|follow-?up|next steps?|tasks?|will|forget|remember"
    rf"|sure|should|needs|has|is|can|must)\b|'ll|:|^(?:{_ORDERS})\b"
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


class Wordings:
    """The wordings of one meeting: the general ones, and those with its people's names."""

    def __init__(self, people: People) -> None:
        self._people = people
        name = rf"\b(?P<name>{people.pattern})"
        named = [
            ("name", rf"{name}(?:'ll| will| shall|'s going to| is going to|'s gonna| {_MUST}) {_VERB}", 0.9),
            ("name", rf"(?:^|[.;:,] ?){name}\s*[,:-]? (?:to|please) {_VERB}", 1.0),
            ("name", rf"{name}, (?:can|could|will|would) you {_VERB}", 1.2),
            ("name", rf"\b(?:can|could|will|would) {name} {_VERB}", 0.8),
            ("name", rf"\b(?:ask|want|need|have) {name} to {_VERB}", 0.6),
        ]
        self._named = [(owner, re.compile(pattern), points) for owner, pattern, points in named]
        self._joint = re.compile(rf",?\s+(?:and|but|while|so)\s+(?=(?:i|we|you|{people.pattern})\b)", re.I)
        self._addressed = re.compile(
            rf"(?:^|[.,;] |\band |\bso |\bokay )(?P<first>{people.pattern}),|, (?P<last>{people.pattern})[?.!]*$"
        )

    def clauses(self, text: str) -> list[str]:
        """The clauses of a sentence that have a subject of their own; one where it has no joint."""
        parts = [part.strip(" ,") for part in self._joint.split(text)]
        if len(parts) == 1 or any(len(part.split()) < _SHORTEST_CLAUSE for part in parts):
            return [text]
        return [part[:1].upper() + part[1:] for part in parts]

    def best(self, low: str) -> Wording | None:
        """The strongest wording of a sentence in lower case; null where it uses none."""
        if not _GATE.search(low):
            return None
        found = [
            self._wording(low, owner, match, points)
            for owner, pattern, points in (*self._named, *_COMPILED)
            for match in pattern.finditer(low)
        ]
        return max(found, key=lambda wording: wording.points, default=None)

    def _wording(self, low: str, owner: str, match: re.Match[str], points: float) -> Wording:
        verb = match["verb"]
        after = (tokens(low[match.end() : match.end() + 20]) or [""])[0]
        alias = match["name"] if owner == "name" else self._addressee(low) if owner == "you" else None
        named = self._people.named(alias) if alias else None
        return Wording(owner, verb, after, named, match.start(), points + _of_verb(verb, after))

    def _addressee(self, low: str) -> str | None:
        """Whom a request is addressed to: `Anna, can you ...` or `can you ..., Anna?`."""
        found = self._addressed.search(low)
        return found["first"] or found["last"] if found else None


def _of_verb(verb: str, after: str) -> float:
    if category(verb, after) is None:
        return -1.6 if verb in OF_THE_TALK or f"{verb} {after}" in PHRASES else -0.4
    return 0.2 if verb in FAINT else 0.8
