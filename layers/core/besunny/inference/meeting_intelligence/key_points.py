"""What to remember beside the summary: the best sentence of each large topic."""

from collections.abc import Iterable, Sequence
from itertools import islice

from besunny.inference.contracts.meeting_intelligence import Topic
from besunny.inference.meeting_intelligence.summary import POOL, THE_SAME, Candidate, overlap

MOST = 7
FEWEST = 3


def key_points(found: Sequence[Candidate], summary: Sequence[Candidate], topics: Sequence[Topic]) -> list[Candidate]:
    """One candidate a topic, the largest `MOST` topics, then the best of the rest up to `FEWEST`; in order.

    None says what the summary or another key point says already.
    """
    ranked = sorted(found, key=lambda c: (-c.score, c.sentence.index))
    held = list(summary)
    for topic in sorted(topics, key=lambda topic: -topic.share)[:MOST]:
        inside = (c for c in ranked if topic.start_segment <= c.sentence.segment <= topic.end_segment)
        held += _first_new(inside, held)
    while len(held) - len(summary) < FEWEST and (more := _first_new(ranked, held)):
        held += more
    return sorted(held[len(summary) :], key=lambda c: c.sentence.index)


def _first_new(ranked: Iterable[Candidate], held: Sequence[Candidate]) -> list[Candidate]:
    for candidate in islice(ranked, POOL):
        if all(candidate is not other and overlap(candidate, other) < THE_SAME for other in held):
            return [candidate]
    return []
