"""The tone of a whole meeting, by how thickly words of tone stand in it.

Talk is full of polite ones ("good morning", "thanks, great"): where they are few for its length, it has no tone.
"""

from collections.abc import Sequence

from besunny.inference.contracts.common import Sentiment
from besunny.inference.meeting_intelligence.lexicon import lexicon
from besunny.inference.meeting_intelligence.sentences import Sentence
from besunny.inference.meeting_intelligence.words import tokens

_POSITIVE = lexicon("positive")
_NEGATIVE = lexicon("negative")
_NEGATIONS = frozenset(
    ("not", "no", "never", "don't", "doesn't", "didn't", "isn't", "wasn't", "aren't", "can't", "won't", "without")
)
_GREETINGS = (["morning"], ["afternoon"], ["evening"], ["question"])
_REACH = 3
_FAINT = 5.0  # words of tone per 1,000 words, below which a meeting has none
_ONE_SIDED = 0.68


def overall(sentences: Sequence[Sentence]) -> Sentiment:
    """Positive or negative where two thirds of the tone is, mixed where there is much of both, else neutral."""
    counts = {True: 0, False: 0}
    total = 0
    for sentence in sentences:
        words = tokens(sentence.text)
        total += len(words)
        for place, word in enumerate(words):
            if word == "good" and words[place + 1 : place + 2] in _GREETINGS:
                continue
            if word in _POSITIVE or word in _NEGATIVE:
                turned = not _NEGATIONS.isdisjoint(words[max(0, place - _REACH) : place])
                counts[(word in _POSITIVE) != turned] += 1
    toned = counts[True] + counts[False]
    if not toned or toned * 1000 / total < _FAINT:
        return "neutral"
    share = counts[True] / toned
    if share >= _ONE_SIDED:
        return "positive"
    return "negative" if share <= 1 - _ONE_SIDED else "mixed"
