"""Lists that somebody wrote below a heading: a line of "Action items:" is a task, one of "Decisions:" a decision."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from besunny.inference.meeting_intelligence.people import UNKNOWN, People
from besunny.inference.meeting_intelligence.sentences import Sentence
from besunny.inference.meeting_intelligence.transcripts.written import list_heading, list_line

Kind = Literal["action", "decision"]
_DONE = re.compile(r"^\W*\[[xX]\]|\((?:done|complete|completed|closed)\)\s*\.?$", re.I)
_NAME = r"[^\W\d_a-z][\w'’.-]*(?: [^\W\d_a-z][\w'’.-]*){0,2}"
_LABEL = re.compile(rf"@?(?P<who>{_NAME})(?:\s*:|\s+[-–—]|(?=\s+(?:to|will|shall|is to)\s))\s*(?P<task>\S.*)$", re.S)
_BEHIND = re.compile(rf"[(\[]\s*@?(?P<who>{_NAME})\b[^()\[\]]*[)\]]\W*$|\s[-–—]\s*@?(?P<last>{_NAME})\W*$")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a list: `who` as written, or null; `text` without its bullet."""

    kind: Kind
    who: str | None
    text: str


def written_lines(sentences: Sequence[Sentence]) -> dict[int, Line]:
    """The lines of such lists, by the index of their sentence; those ticked off are left out."""
    return dict(_lines(sentences))


def _lines(sentences: Sequence[Sentence]) -> Iterator[tuple[int, Line]]:
    kind: Kind | None = None
    for sentence in sentences:
        line = list_line(sentence.raw)
        if line is None:
            kind = list_heading(sentence.raw.rsplit("\n", 1)[-1])
        elif kind is not None and sentence.text and not _DONE.search(sentence.raw):
            yield sentence.index, Line(kind, _who(line), line)


def _who(line: str) -> str | None:
    label = _LABEL.match(line)
    if label:
        return label["who"]
    behind = _BEHIND.search(line)
    return (behind["who"] or behind["last"]) if behind else None


def person(who: str | None, people: People) -> str | None:
    """The participant whom a line names, else the name as written."""
    found = people.at(who.lower(), 0) if who else None
    return people.names[found[0]] if found else who


def written_names(sentences: Sequence[Sentence]) -> list[str]:
    """Names that minutes without speakers tell of: those said to be present, and whole names of who does something."""
    if any(sentence.speaker != UNKNOWN for sentence in sentences):
        return []
    found: dict[str, None] = {}
    for sentence in sentences:
        for present in _PRESENT.finditer(sentence.raw):
            names = re.sub(r"\([^()]*\)", "", present["names"])
            for name in re.split(r",|;|\band\b", names):
                if re.fullmatch(_NAME, name.strip(" .")):
                    found[name.strip(" .")] = None
        for doer in _DOER.finditer(sentence.raw):
            found[doer["who"]] = None
    return list(found)


_PRESENT = re.compile(
    r"^\W*(?:present|attendees|participants|attending|in attendance|apologies|absent)\s*:\s*(?P<names>[^\n]+)",
    re.I | re.M,
)
_DOER = re.compile(
    r"(?<![\w-])(?P<who>(?!(?:The|All|Our|This|That|Any|New|Every|Each|No|Some|Both)\b)[^\W\d_a-z][\w'’-]+"
    r" [^\W\d_a-z][\w'’-]+)(?= (?:will|shall|is to|agreed to|undertook to|offered to|was asked to|has to|must|needs to"
    r"|to)\s)"
)
