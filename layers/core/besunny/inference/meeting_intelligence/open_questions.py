"""What stayed open: questions that nobody answered, and what was said to be unknown."""

import re
from collections.abc import Sequence

from besunny.inference.contracts.meeting_intelligence import OpenQuestion, Segment
from besunny.inference.meeting_intelligence.replies import answered
from besunny.inference.meeting_intelligence.sentences import Sentence, evidence
from besunny.inference.meeting_intelligence.strength import confidence
from besunny.inference.meeting_intelligence.words import content_words, tokens

THRESHOLD = 0.5
MOST = 20
_SAME_MATTER = 4  # sentences
_UNKNOWN = [
    (re.compile(pattern), points)
    for pattern, points in (
        (r"\bopen (?:question|issue|point)s?\b", 1.6),
        (r"\bwe (?:still )?(?:don't|do not) know (?:yet )?(?:if|whether|who|how|when|what|which|why)\b", 0.8),
        (r"\bi (?:still )?(?:don't|do not) know (?:yet )?(?:if|whether|who|how|when|what|which|why)\b", 0.2),
        (r"\b(?:it's|is|that's) (?:still )?(?:unclear|not clear|undecided|to be (?:decided|determined))\b", 1.0),
        (r"\b(?:we|i|someone) (?:still )?(?:need|have) to (?:find out|figure out|decide|work out|clarify)\b", 0.7),
        (r"\b(?:haven't|have not) (?:yet )?(?:decided|agreed|figured)\b", 0.9),
        (r"\bnot sure (?:yet )?(?:if|whether|who|how|when|what|which)\b", 0.0),
    )
]
_ASKED = re.compile(r"\b(?:who|what|when|where|why|how|which|should we|do we|can we|are we|will we|is there|does)\b")
_OF_THE_TALK = re.compile(
    r"\b(?:you know|is that|isn't it|right\?|okay\?|do you mean|what do you think|can you (?:hear|see)|sorry"
    r"|any questions|what's that|what is that|was it|do you want|shall we|huh\?|can you|could you|would you|will you)"
)


def open_questions(sentences: Sequence[Sentence], segments: Sequence[Segment]) -> list[OpenQuestion]:
    """The surest open questions, at most `MOST`, in order."""
    found: dict[frozenset[str], OpenQuestion] = {}
    asked_at = -_SAME_MATTER
    for sentence in sentences:
        low = sentence.text.lower().replace("’", "'")
        points = _asked(sentence, low, sentences) if low.endswith("?") else _left_open(low)
        key = frozenset(content_words(low))
        if points is None or confidence(points) < THRESHOLD or key in found:
            continue
        # "We don't know yet" right after the question is the same matter.
        if not low.endswith("?") and sentence.index - asked_at < _SAME_MATTER:
            continue
        asked_at = sentence.index
        place = evidence(sentence, segments)
        found[key] = OpenQuestion(**place.model_dump(), text=sentence.text, confidence_score=confidence(points))
    surest = sorted(found.values(), key=lambda question: -question.confidence_score)[:MOST]
    return sorted(surest, key=lambda question: question.segment_index)


def _asked(sentence: Sentence, low: str, sentences: Sequence[Sentence]) -> float | None:
    subject = len(set(content_words(low)))
    if subject < 2 or len(tokens(low)) < 5 or answered(sentence, sentences):
        return None
    return -0.4 + 0.25 * min(subject, 6) + 0.5 * bool(_ASKED.search(low)) - 1.2 * bool(_OF_THE_TALK.search(low))


def _left_open(low: str) -> float | None:
    points = max((points for pattern, points in _UNKNOWN if pattern.search(low)), default=None)
    if points is None:
        return None
    subject = len(set(content_words(low)))
    return points - 0.5 + (0.15 * min(subject, 5) if subject >= 2 else -1.5)
