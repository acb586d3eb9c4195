"""What to remember beside the summary: of each large topic, the sentence that tells most."""

from collections.abc import Iterable, Sequence
from itertools import islice

from besunny.inference.contracts.meeting_intelligence import Topic
from besunny.inference.meeting_intelligence.informative import information
from besunny.inference.meeting_intelligence.readable import is_sentence
from besunny.inference.meeting_intelligence.summary import POOL, THE_SAME, Candidate, overlap

MOST = 7
FEWEST = 3
_MOST_OF_ONE = 5  # where the whole meeting is one topic
_TELLING = 0.4  # of information, from which a point is worth having beside those of the topics


def key_points(found: Sequence[Candidate], summary: Sequence[Candidate], topics: Sequence[Topic]) -> list[Candidate]:
    """One candidate a topic, the largest `MOST` topics, then the most telling of the rest up to a few; in order.

    None says what the summary or another key point says already, and none is a fragment or only of the talk itself;
    so a meeting that settled nothing may have none.
    """
    telling = {c.sentence.index: information(c.sentence.text) for c in found if is_sentence(c.sentence.text)}
    ranked = sorted(
        (c for c in found if telling.get(c.sentence.index, -1) >= 0),
        key=lambda c: (-c.score - telling[c.sentence.index], c.sentence.index),
    )
    held = list(summary)
    for topic in sorted(topics, key=lambda topic: -topic.share)[:MOST]:
        inside = (c for c in ranked if topic.start_segment <= c.sentence.segment <= topic.end_segment)
        held += _first_new(inside, held)
    wanted = len(summary) + (_MOST_OF_ONE if len(topics) == 1 else FEWEST)
    rest = [c for c in ranked if telling[c.sentence.index] >= _TELLING]
    while len(held) < wanted and (more := _first_new(rest, held)):
        held += more
    return sorted(held[len(summary) :], key=lambda c: c.sentence.index)


def _first_new(ranked: Iterable[Candidate], held: Sequence[Candidate]) -> list[Candidate]:
    for candidate in islice(ranked, POOL):
        if all(candidate is not other and overlap(candidate, other) < THE_SAME for other in held):
            return [candidate]
    return []
