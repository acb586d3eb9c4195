"""Where a document uses a project's own words: name, tags, keywords, author."""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from besunny.inference.classification.author import author_speaks
from besunny.inference.contracts.common import Document, Project
from besunny.inference.text.words import stem, telling, words

_WEIGHTS = {
    "name": 3.0,
    "author": 2.5,
    "author's domain": 2.0,
    "keyword": 1.5,
    "tag": 1.0,
    "category": 0.5,
    "part of the name": 0.5,
    "description": 0.25,
}
# A name's part or a place of the description weighs so much where the document writes it as a name. A name of one word
# is no more than a part: `Pulse` and `Apollo` are words of others too.
_NAMED = {"part of the name": 1.6, "description": 0.8}
_POSITIONS = 50
# So many words of text may pass between two mentions before they weigh less than one in a short text.
_USUAL = 400
_HALF = 2.0


@dataclass(frozen=True, slots=True)
class Match:
    """A project's term that stands in the document.

    Attributes:
        source: what it is to the project: `name`, `tag`, `keyword`, ...
        start, end: where `content_text` has it first; both -1 for what only subject or author says.
    """

    term: str
    source: str
    weight: float
    start: int
    end: int


@dataclass(slots=True)
class DocumentWords:
    """The words of a document by stem: how many, the first places of each, those that are written as a name."""

    total: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    places: dict[str, list[tuple[int, int, int]]] = field(default_factory=lambda: defaultdict(list))
    named: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, document: Document) -> "DocumentWords":
        """The words of subject, text and names of attachments; those outside the text have places before 0."""
        found = cls()
        stems: dict[str, str] = {}
        number = 0
        for outside in (document.subject, *map(_attachment_name, document.attachments)):
            for word, start, _ in words(outside.replace("_", " ")):
                found._add(stem(word), number, -1, -1, named=outside[start].isupper())
                number += 1
            number += 1
        for word, start, end in words(document.content_text):
            if word not in stems:
                stems[word] = stem(word)
            found._add(stems[word], number, start, end, named=document.content_text[start].isupper())
            number += 1
        return found

    def _add(self, key: str, number: int, start: int, end: int, *, named: bool) -> None:
        self.total += 1
        if named:
            self.named.add(key)
        self.counts[key] += 1
        if len(self.places[key]) < _POSITIONS:
            self.places[key].append((number, start, end))

    def find(self, term: str) -> tuple[int, int, int] | None:
        """How often a term stands here, and its first start and end; None if it does not. Phrases in order."""
        keys = [stem(word) for word, _, _ in words(term)]
        if not keys or any(key not in self.counts for key in keys):
            return None
        if len(keys) == 1:
            return self.counts[keys[0]], *_in_text([place[1:] for place in self.places[keys[0]]])
        follow = [{number: end for number, _, end in self.places[key]} for key in keys]
        runs = [
            (start, follow[-1][number + len(keys) - 1])
            for number, start, _ in self.places[keys[0]]
            if all(number + step in places for step, places in enumerate(follow))
        ]
        return (len(runs), *_in_text(runs)) if runs else None


def _in_text(places: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The first place in the text itself, where there is one: a subject cannot be cited."""
    return next((place for place in places if place[0] >= 0), places[0])


def matches(document: Document, spoken: DocumentWords, projects: Sequence[Project]) -> list[list[Match]]:
    """For each project, its terms that the document uses, heaviest first; a term of many projects weighs less.

    Args:
        spoken: the words of `document`.
    """
    terms = [_terms(project) for project in projects]
    shared = Counter(term for own in terms for term in own)
    found: list[list[Match]] = []
    for project, own in zip(projects, terms, strict=True):
        hits = []
        for term, (shown, kind) in own.items():
            place = spoken.find(term)
            if place is None:
                continue
            count, start, end = place
            often = min(1.0, count * _USUAL / max(spoken.total, _USUAL))
            rare = math.log((len(projects) + 1) / shared[term]) / math.log(len(projects) + 1)
            is_word = kind == "name" and shown[0].isupper() and " " not in term
            source = "part of the name" if is_word else kind
            weight = _WEIGHTS[source]
            if shown[0].isupper() and term in spoken.named:
                weight = _NAMED.get(source, weight)
            hits.append(Match(shown, source, weight * often * rare, start, end))
        if why := author_speaks(document.author, project):
            hits.append(Match(document.author, why, _WEIGHTS[why], -1, -1))
        found.append(sorted((hit for hit in hits if hit.weight > 0), key=lambda hit: -hit.weight))
    return found


def strength(hits: Sequence[Match]) -> float:
    """How much the matches say together, 0 to 1: half at a weight of 2."""
    total = sum(hit.weight for hit in hits)
    return total / (total + _HALF)


def _terms(project: Project) -> dict[str, tuple[str, str]]:
    """Terms in lower case, to how they are written and what they are; the weightiest use of each."""
    listed = [(project.name, "name"), *((tag, "tag") for tag in project.tags)]
    listed += [(word, "keyword") for word in project.keywords]
    listed += [(project.name[a:b], "part of the name") for word, a, b in words(project.name) if telling(word)]
    listed += [(word, "category") for word in project.categories]
    listed += [(project.description[a:b], "description") for word, a, b in words(project.description) if telling(word)]
    found: dict[str, tuple[str, str]] = {}
    for shown, source in listed:
        found.setdefault(" ".join(stem(word) for word, _, _ in words(shown)), (shown, source))
    found.pop("", None)
    return found


def _attachment_name(attachment: str | dict[str, Any]) -> str:
    if isinstance(attachment, dict):
        attachment = str(attachment.get("name") or attachment.get("filename") or "")
    return attachment.rpartition(".")[0] or attachment
