"""The mood of a text, from words that carry it, with negation."""

# ruff: noqa: SIM905 (lists of words read better as text)
import re

from besunny.inference.contracts.common import Sentiment
from besunny.inference.text.words import words

_POSITIVE = frozenset(
    """good great excellent happy glad pleased delighted love loved like enjoyed enjoy excited exciting amazing awesome
    fantastic wonderful perfect perfectly success successful successfully win won thank thanks grateful appreciate
    appreciated impressed impressive improve improved improvement progress agree agreed well best better nice beautiful
    brilliant smooth smoothly helpful effective efficient easy confident promising solid strong approve approved
    congratulations satisfied recommend positive thrilled superb""".split()
)
_NEGATIVE = frozenset(
    """bad terrible awful horrible sad unhappy angry upset annoyed annoying frustrated frustrating disappointed
    disappointing disappointment worried worry worrying concern concerned concerns problem problems issue issues fail
    failed fails failing failure error errors wrong broken bug bugs crash crashed delay delayed delays late overdue
    missed miss difficult hard complain complaint complaints refund reject rejected refuse refused cancel cancelled poor
    poorly slow worse worst hate hated dislike confusing confused lost loss risk unacceptable urgent unfortunately sorry
    apologise apologize conflict blocked stuck damage damaged unable negative impossible""".split()
)
_NEGATIONS = frozenset(
    "not no never without isn't wasn't don't doesn't didn't can't cannot won't hardly aren't".split()
)
_REACH = 3
_EAGER = re.compile(r"\b(?:can't|can’t|cannot) wait\b", re.IGNORECASE)
# Words of mood that a text needs before its mood is more than chance.
_DOUBT = 2.0


def sentiment(text: str) -> tuple[Sentiment, float]:
    """The mood, and a score from -1 to 1: the balance of its words, near 0 where there are few."""
    positive = negative = 0
    since_negation = _REACH + 1
    for word, _, _ in words(_EAGER.sub("excited", text)):
        since_negation = 0 if word in _NEGATIONS else since_negation + 1
        if word in _POSITIVE or word in _NEGATIVE:
            if (word in _POSITIVE) != (since_negation <= _REACH):
                positive += 1
            else:
                negative += 1
    score = round((positive - negative) / (positive + negative + _DOUBT), 4)
    if min(positive, negative) >= 2 and abs(score) < 0.3:
        return "mixed", score
    if abs(score) < 0.25:
        return "neutral", score
    return ("positive" if score > 0 else "negative"), score
