"""The words and two-word phrases that a text is about."""

# ruff: noqa: SIM905 (lists of words read better as text)
import math
import re
from collections import Counter

from besunny.inference.contracts.classification import Keyword
from besunny.inference.text.words import telling, words

_MOST_WORDS = 500
_SHORT = 200
# Words of amounts, which a text is never about, and verbs that do not end in `-ed`.
_AMOUNTS = frozenset("eur usd gbp chf nok sek dkk million billion percent thousand vat iban".split())
_VERBS = frozenset(
    "rose led fell left made took won lost ran grew kept held sold met starts happens works means".split()
)
_STARTS = re.compile(r"(?:^|[.!?:|\n•*-]|[.!?][\"”’)])\s*$")


def keywords(text: str, limit: int = 10, *, skip: re.Pattern[str] | None = None) -> list[Keyword]:
    """The heaviest words and phrases of `text`, heaviest first, each where it first stands.

    A phrase must come twice, except in a short text; a word that comes only in a chosen phrase is not repeated.

    Args:
        limit: the most to return.
        skip: parts of the text that do not count, such as `speech.MARKS`.
    """
    if skip:
        # Blanks of the same length keep every offset.
        counted = skip.sub(lambda match: "\n" * len(match.group()), text)
        return keywords(counted, limit)
    counts: Counter[str] = Counter()
    first: dict[str, tuple[int, int]] = {}
    total = 0
    for word, start, end in words(text):
        total += 1
        if telling(word) and word not in _AMOUNTS:
            counts[word] += 1
            first.setdefault(word, (start, end))
    # Phrases are counted of common words only, so that memory does not grow with the text.
    common = {word for word, _ in counts.most_common(_MOST_WORDS)}
    phrases: Counter[str] = Counter()
    before: tuple[str, int, int] | None = None
    for word, start, end in words(text):
        if word not in common:
            before = None
            continue
        if before and before[0] != word and text[before[2] : start] == " " and not (_verb(before[0]) or _verb(word)):
            phrase = f"{before[0]} {word}"
            phrases[phrase] += 1
            first.setdefault(phrase, (before[1], end))
        before = (word, start, end)
    least = 1 if total < _SHORT else 2
    scores = {word: counts[word] * _form(text, first[word]) * (0.6 if _verb(word) else 1.0) for word in common}
    scores |= {p: (1.7 if n > 1 else 1.2) * n * _form(text, first[p]) for p, n in phrases.items() if n >= least}
    counts.update(phrases)
    chosen: list[str] = []
    taken: Counter[str] = Counter()
    for candidate in sorted(scores, key=lambda c: (-scores[c], first[c])):
        parts = candidate.split()
        if any(taken[part] >= counts[part] for part in parts) or (len(parts) > 1 and any(taken[p] for p in parts)):
            continue
        chosen.append(candidate)
        for part in parts:
            taken[part] += counts[candidate]
        if len(chosen) == limit:
            break
    heaviest = max((scores[c] for c in chosen), default=1.0)
    return [
        Keyword(
            text=text[first[c][0] : first[c][1]],
            start=first[c][0],
            end=first[c][1],
            count=counts[c],
            weight=round(scores[c] / heaviest, 4),
        )
        for c in chosen
    ]


def _verb(word: str) -> bool:
    return word in _VERBS or (word.endswith("ed") and len(word) > 4)


def _form(text: str, span: tuple[int, int]) -> float:
    """Names and longer words tell more than short ones; a capital at the head of a sentence makes no name."""
    start, end = span
    word = text[start:end]
    named = word[0].isupper() and (" " in word or not _STARTS.search(text, max(0, start - 4), start))
    return (1.3 if named else 1.0) * math.sqrt(min(1.0, len(word) / 7))
