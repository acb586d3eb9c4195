"""Which words of a project call for which skills, risks and metrics: data in `rules.json`."""

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from besunny.inference.contracts.project_onboarding import Suggestion
from besunny.inference.text.words import stem, words

_RULES = Path(__file__).with_name("rules.json")


def suggestions(kind: str, given: Mapping[str, str]) -> list[Suggestion]:
    """What the rules of a kind suggest, each with the field and word that led to it; most words first.

    Args:
        kind: `skills`, `risks` or `metrics`.
        given: the wizard's fields as text.
    """
    found = []
    spoken = {name: {stem(word): word for word, _, _ in words(text)} for name, text in given.items()}
    for rule in _rules()[kind]:
        hits = {
            own[stem(word)]: name
            for word in rule["words"]
            for name, own in reversed(spoken.items())
            if stem(word) in own
        }
        if hits:
            where = "; ".join(f"{name} says “{word}”" for word, name in list(hits.items())[:3])
            found.append((len(hits), Suggestion(text=str(rule[kind.removesuffix("s")]), reason=where)))
    return [suggestion for _, suggestion in sorted(found, key=lambda pair: -pair[0])]


@lru_cache
def _rules() -> dict[str, list[dict[str, list[str]]]]:
    rules: dict[str, list[dict[str, list[str]]]] = json.loads(_RULES.read_text(encoding="utf-8"))
    return rules
