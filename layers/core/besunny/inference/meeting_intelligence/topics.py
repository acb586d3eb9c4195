"""The subjects of a meeting in order: cut where the meaning turns (TextTiling, Hearst 1997), named by its words."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from besunny.inference.contracts.meeting_intelligence import Segment, Topic
from besunny.inference.engines.protocol import Engine
from besunny.inference.meeting_intelligence.sentences import Sentence
from besunny.inference.meeting_intelligence.topic_names import keywords

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

MOST_BLOCKS = 120  # however long the meeting: what is compared and embedded stays bounded
MOST_TOPICS = 10
_BLOCK_WORDS = (40, 120)  # in a short and in a long meeting
_BLOCKS = 24
_BLOCK_TEXT = 600  # characters of a block that are embedded
_AROUND = 3  # blocks on each side of a cut
_DEEP = 1.5  # deviations above the mean depth
_SHORTEST = 3  # blocks in a topic
_LABEL_WORDS = 6


def topics(sentences: Sequence[Sentence], segments: Sequence[Segment], engine: Engine) -> list[Topic]:
    """Topics that follow each other and together span the meeting; a short meeting is one topic."""
    spoken = [sentence for sentence in sentences if sentence.text]
    if not spoken:
        return []
    blocks = _blocks(spoken)
    vectors = engine.embed([" ".join(s.text for s in block)[:_BLOCK_TEXT] for block in blocks])
    bounds = list(pairwise([0, *_cuts(vectors), len(blocks)]))
    groups = [[s for block in blocks[a:b] for s in block] for a, b in bounds]
    names = keywords(groups, [vectors[a:b].mean(axis=0) for a, b in bounds], engine)
    total = sum(len(s.text) for s in spoken)
    return [_topic(group, own, segments, total) for group, own in zip(groups, names, strict=True)]


def _topic(group: Sequence[Sentence], keywords: list[str], segments: Sequence[Segment], total: int) -> Topic:
    first, last = group[0].segment, group[-1].parts[-1].segment
    # Turns may overlap and stand out of order: the first does not always start first, nor the last end last.
    within = segments[first : last + 1]
    starts = [s.start_time for s in within if s.start_time is not None]
    ends = [s.end_time for s in within if s.end_time is not None]
    return Topic(
        label=", ".join(keywords[:2]) or _beginning(group[0].text),
        keywords=keywords,
        start_segment=first,
        end_segment=last,
        start_time=min(starts, default=None),
        end_time=max([*starts, *ends], default=None),
        share=round(sum(len(s.text) for s in group) / total, 4),
    )


def _beginning(text: str) -> str:
    """The first words, where none of them names a subject."""
    return " ".join(text.split()[:_LABEL_WORDS]).rstrip(".,;:!?…")


def _blocks(spoken: Sequence[Sentence]) -> list[list[Sentence]]:
    words = [len(s.text) // 5 + 1 for s in spoken]
    total = sum(words)
    smallest, largest = _BLOCK_WORDS
    size = max(smallest, min(largest, total // _BLOCKS), math.ceil(total / MOST_BLOCKS))
    blocks: list[list[Sentence]] = []
    filled = size
    for sentence, count in zip(spoken, words, strict=True):
        if filled >= size:
            blocks.append([])
            filled = 0
        blocks[-1].append(sentence)
        filled += count
    return blocks


def _cuts(vectors: "NDArray[float32]") -> list[int]:
    """The blocks before which a new topic begins."""
    count = len(vectors)
    if count < 2 * _SHORTEST:
        return []
    near = [
        float(vectors[max(0, cut - _AROUND) : cut].mean(axis=0) @ vectors[cut : cut + _AROUND].mean(axis=0))
        for cut in range(1, count)
    ]
    depths = [_depth(near, i) for i in range(len(near))]
    mean = sum(depths) / len(depths)
    deviation = math.sqrt(sum((d - mean) ** 2 for d in depths) / len(depths))
    chosen: list[int] = []
    for i in sorted(range(len(depths)), key=lambda i: -depths[i]):
        cut = i + 1
        far = all(abs(cut - other) >= _SHORTEST for other in (*chosen, 0, count))
        if depths[i] > mean + _DEEP * deviation and far and len(chosen) < MOST_TOPICS - 1:
            chosen.append(cut)
    return sorted(chosen)


def _depth(near: Sequence[float], at: int) -> float:
    """How deep the valley at `at` is below the peaks on both sides."""
    left = right = at
    while left > 0 and near[left - 1] >= near[left]:
        left -= 1
    while right < len(near) - 1 and near[right + 1] >= near[right]:
        right += 1
    return near[left] + near[right] - 2 * near[at]
