"""What happens next: the surest action items, and what was said of the next meeting."""

import re
from collections.abc import Sequence

from besunny.inference.contracts.meeting_intelligence import ActionItem
from besunny.inference.meeting_intelligence.sentences import Sentence
from besunny.inference.meeting_intelligence.words import tokens

MOST = 8
_NEXT = re.compile(
    r"\bnext (?:meeting|session|call|sync|step|steps|time we meet)\b|\b(?:meet|reconvene|talk) again\b"
    r"|\b(?:follow-?up|next) meeting\b"
)
_FEWEST_WORDS = 5
_LIKELY = 0.6


def next_steps(sentences: Sequence[Sentence], actions: Sequence[ActionItem]) -> list[Sentence]:
    """At most `MOST` sentences in order: those of the surest action items, and those that announce what comes next."""
    likely = [item for item in actions if item.confidence_score >= _LIKELY]
    sure = sorted(likely, key=lambda item: -item.confidence_score)[: MOST - 2]
    places = {(item.segment_index, item.text) for item in sure}
    announced = [
        sentence
        for sentence in sentences
        if _NEXT.search(sentence.text.lower()) and len(tokens(sentence.text)) >= _FEWEST_WORDS
    ]
    chosen = {s.index: s for s in sentences if any((p.segment, s.text) in places for p in s.parts)}
    for sentence in announced[-2:]:  # the last word on it is the one that holds
        chosen.setdefault(sentence.index, sentence)
    return [chosen[index] for index in sorted(chosen)]
