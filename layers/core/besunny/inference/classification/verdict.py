"""What a confidence comes to: thresholds, levels and bounds that hold whichever engine answers."""

from typing import Literal

from besunny.inference.contracts.common import Document

_THRESHOLD, _THRESHOLD_AMBIGUOUS, _THRESHOLD_TRANSCRIPT = 0.5, 0.6, 0.7
_HIGH, _MEDIUM = 0.8, 0.6
REVIEW_BELOW = 0.7
# The second must come this near to the first for the choice to be called ambiguous.
AMBIGUOUS_SHARE = 0.5
MOST_ALTERNATIVES, LEAST_ALTERNATIVE = 5, 0.01
MOST_EVIDENCE = 6


def threshold_for(document: Document, *, ambiguous: bool) -> float:
    """The confidence from which a document is filed; speech wanders, so a transcript needs more."""
    if document.is_transcript:
        return _THRESHOLD_TRANSCRIPT
    return _THRESHOLD_AMBIGUOUS if ambiguous else _THRESHOLD


def level_of(confidence: float) -> Literal["high", "medium", "low"]:
    """The `confidence_level` of an answer."""
    return "high" if confidence > _HIGH else "medium" if confidence > _MEDIUM else "low"
