"""The names that a project's documents keep using."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from besunny.inference.text.entities import entities

_AT_LEAST, _OF_A_KIND = 2, 20


@dataclass(frozen=True)
class Recurring:
    """Names by kind, most frequent first."""

    people: list[str]
    organizations: list[str]
    locations: list[str]


def recurring(documents: Sequence[str]) -> Recurring:
    """Names that stand in two documents or more or, where there is but one document, in it."""
    counts: dict[str, Counter[str]] = {kind: Counter() for kind in ("people", "organizations", "locations")}
    for text in documents:
        named = entities(text)
        for kind, counter in counts.items():
            counter.update({span.text for span in getattr(named, kind)})
    enough = min(_AT_LEAST, len(documents))
    found = {
        kind: [name for name, count in sorted(counter.items(), key=lambda pair: (-pair[1], pair[0])) if count >= enough]
        for kind, counter in counts.items()
    }
    return Recurring(**{kind: names[:_OF_A_KIND] for kind, names in found.items()})
