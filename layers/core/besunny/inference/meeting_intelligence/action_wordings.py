"""Which of the wordings of a promise, a request or an assignment a sentence uses."""

import re
from dataclasses import dataclass

from besunny.inference.meeting_intelligence.action_forms import ALSO, FORMS, GATE
from besunny.inference.meeting_intelligence.people import MARK, People
from besunny.inference.meeting_intelligence.verbs import FAINT, OF_THE_TALK, PHRASES, base, category
from besunny.inference.meeting_intelligence.words import tokens

_COMPILED = [(owner, re.compile(pattern), points) for owner, pattern, points in FORMS]
_ADDRESSED = re.compile(rf"(?:^|[.,;] |\band |\bso |\bokay ){MARK.format('first')},|, {MARK.format('last')}[?.!]*$")
_OUTRIGHT = 0.5


@dataclass(frozen=True, slots=True)
class Wording:
    """A promise, a request or an assignment in a sentence.

    Attributes:
        owner: `self` (the speaker promises), `offer` (would do it if the others want), `you` (asks another), `name`
            (names the one), `they` (others), `all` (each of several), `we`, `need` and `it` (what has to be
            done), or `tag` (labelled).
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


def best(marked: str, people: People) -> Wording | None:
    """The strongest wording of a sentence as `People.marked` gives it; null where it uses none."""
    owners = {match.lastgroup for match in GATE.finditer(marked)}
    owners |= {also for also, openers in ALSO.items() if owners.intersection(openers)}
    found = [
        _wording(marked, owner, match, points, people)
        for owner, pattern, points in _COMPILED
        if owner in owners
        for match in pattern.finditer(marked)
    ]
    return max(found, key=lambda wording: wording.points, default=None)


def _wording(marked: str, owner: str, match: re.Match[str], points: float, people: People) -> Wording:
    verb = match["verb"]
    after = (tokens(marked[match.end("verb") : match.end("verb") + 20]) or [""])[0]
    number = match["name"] if owner == "name" else _addressee(marked) if owner in ("you", "need") else None
    named = people.names[int(number)] if number else None
    return Wording(owner, verb, after, named, match.start("verb"), points + _of_verb(owner, verb, after))


def _addressee(marked: str) -> str | None:
    """Whom a request is addressed to: `Anna, can you ...` or `can you ..., Anna?`."""
    found = _ADDRESSED.search(marked)
    return found["first"] or found["last"] if found else None


def _of_verb(owner: str, verb: str, after: str) -> float:
    if owner == "need":
        return 0.0
    if owner == "it" or verb.endswith(("ing", "ed")):
        verb = base(verb)
        if owner == "it" and verb in ("due", "go", "reach", "arrive", "come", "get"):
            return 0.5
    if category(verb, after) is None:
        return -1.6 if verb in OF_THE_TALK or f"{verb} {after}" in PHRASES else -0.4
    return 0.2 if verb in FAINT else 0.8
