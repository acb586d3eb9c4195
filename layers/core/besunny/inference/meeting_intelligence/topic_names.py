"""What to call a stretch of a meeting: its own phrases that are frequent in it, rare elsewhere and near its meaning."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from besunny.inference.engines.protocol import Engine
from besunny.inference.meeting_intelligence.sentences import Sentence
from besunny.inference.meeting_intelligence.verbs import OF_THE_TALK
from besunny.inference.meeting_intelligence.words import STOPWORDS, singular, tokens

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

MOST = 6
MOST_PHRASES = 20  # of a stretch, whose meaning is compared
_PAIR = 1.6  # two words tell more than one
# Words that describe how something is done, seldom what it is.
_MANNER = ("ly", "ing", "ed")
_FAINT = 0.55


def keywords(
    groups: Sequence[Sequence[Sentence]], centres: Sequence["NDArray[float32]"], engine: Engine
) -> list[list[str]]:
    """For each group of sentences at most `MOST` phrases of its own, the most telling first, no word twice.

    Args:
        centres: of each group, the vector of its meaning.
    """
    counts = [_phrases(group) for group in groups]
    spread = Counter(phrase for own in counts for phrase in own)
    scores = [_scores(own, spread, len(groups)) for own in counts]
    offered = [sorted(own, key=lambda phrase, own=own: (-own[phrase], phrase))[:MOST_PHRASES] for own in scores]  # type: ignore[misc]
    vectors = engine.embed([phrase for phrases in offered for phrase in phrases])
    found = []
    start = 0
    for own, phrases, centre in zip(scores, offered, centres, strict=True):
        near = vectors[start : start + len(phrases)] @ centre
        start += len(phrases)
        ranked = sorted(
            zip(phrases, near.tolist(), strict=True), key=lambda pair: (-own[pair[0]] * max(pair[1], 0.02), pair[0])
        )
        found.append(_distinct([phrase for phrase, _ in ranked]))
    return found


def _phrases(group: Sequence[Sentence]) -> Counter[str]:
    """Words and pairs of neighbouring words that could name a topic, as they were said."""
    counts: Counter[str] = Counter()
    for sentence in group:
        before = ""
        for word in tokens(sentence.text):
            telling = word not in STOPWORDS and len(word) > 2 and not word.isdigit() and "'" not in word
            if telling:
                counts[word] += 1
                if before and before != word:
                    counts[f"{before} {word}"] += 1
            before = word if telling else ""
    return counts


def _scores(counts: Counter[str], spread: Counter[str], groups: int) -> dict[str, float]:
    return {
        phrase: math.sqrt(count)
        * (_PAIR if " " in phrase else 1.0)
        * (_FAINT if phrase.endswith(_MANNER) or phrase in OF_THE_TALK else 1.0)
        * (0.5 + math.log((groups + 1) / spread[phrase]))
        for phrase, count in counts.items()
        if count > 1 or len(counts) < 40
    }


def _distinct(phrases: Sequence[str]) -> list[str]:
    chosen: list[str] = []
    taken: set[str] = set()
    for phrase in phrases:
        words = {singular(word) for word in phrase.split()}
        if not words & taken:
            chosen.append(phrase)
            taken |= words
        if len(chosen) == MOST:
            break
    return chosen
