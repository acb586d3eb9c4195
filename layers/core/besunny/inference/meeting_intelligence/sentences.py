"""A transcript as sentences that know where they stand; one may run over several segments (cues) of a speaker."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from besunny.inference.contracts.meeting_intelligence import Segment, SpokenEvidence
from besunny.inference.meeting_intelligence.clean import clean

LONGEST = 60  # words; speech without stops is cut at its joints beyond this
_MOST_PARTS = 8
_PAUSE = 0.5  # seconds
# Speech that broke off and began anew ("and {disfmarker} Well the", "they -- We will") ends there too.
_ANEW = r"\s*(?:And|Because|But|He|If|It|Or|She|So|That|The|Then|There|These|They|This|We|Well|What|You)\s"
_STOP = re.compile(
    r"[.?!…][\"'”’)\]]*(?=\s|$)|[。！？]|\n\s*\n|\n(?=[ \t]*(?:[-*•–]|\d{1,2}[.)]|\[[ xX]?\])[ \t])"
    rf"|(?:\{{disfmarker\}}|\s(?:--+|—|–)|--+|—)(?={_ANEW})"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|prof|st|vs|etc|e\.g|i\.e|approx|hon|no|inc|ltd|jr|sr)|\b[A-Z])\.$", re.I
)
_JOINT = re.compile(r",?\s+(?=(?:and|but|so|because|then|which)\b)|[,;]\s+", re.I)
_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Part:
    """Characters `start` to `end` of the text of one segment."""

    segment: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence as it was spoken.

    Attributes:
        index: its number in the meeting.
        parts: where it stands; more than one where it runs over segments.
        raw: its characters, parts joined by a space.
        text: cleaned for reading; empty where nothing was said but fillers.
    """

    index: int
    speaker: str
    parts: tuple[Part, ...]
    raw: str
    text: str

    @property
    def segment(self) -> int:
        """The segment it begins in."""
        return self.parts[0].segment


def sentences(segments: Sequence[Segment]) -> list[Sentence]:
    """Every sentence of the meeting in order; together they hold every character that is not white space."""
    runs: list[list[Part]] = []
    # Only where speech is written with stops does a missing one mean that the sentence goes on.
    stops = sum(_ended(segment.text) for segment in segments) * 5 >= len(segments)
    for index, segment in enumerate(segments):
        for number, (start, end) in enumerate(spans(segment.text)):
            part = Part(index, start, end)
            if number == 0 and runs and stops and _goes_on(runs[-1], part, segments):
                runs[-1].append(part)
            else:
                runs.append([part])
    cleaned: dict[str, str] = {}
    found = []
    for index, run in enumerate(runs):
        raw = " ".join(segments[part.segment].text[part.start : part.end] for part in run)
        if raw not in cleaned:
            cleaned[raw] = clean(raw)
        found.append(Sentence(index, segments[run[0].segment].speaker, tuple(run), raw, cleaned[raw]))
    return found


def spans(text: str) -> list[tuple[int, int]]:
    """Start and end of each sentence of `text`, without the white space around it.

    Unlike `besunny.inference.text`, for speech: a sentence may begin in lower case, and none is longer than `LONGEST`.
    """
    found = []
    start = 0
    for stop in _STOP.finditer(text):
        if text[stop.start()] == "." and _ABBREVIATION.search(text, max(start, stop.start() - 8), stop.start() + 1):
            continue
        if start and text[start - 1] == "\n" and text[start : stop.start()].strip().isdigit():
            continue  # the number of a line of a list
        found += _trimmed(text, start, stop.end())
        start = stop.end()
    found += _trimmed(text, start, len(text))
    return [piece for span in found for piece in _cut(text, *span)]


def evidence(sentence: Sentence, segments: Sequence[Segment], cue: int = 0) -> SpokenEvidence:
    """Where a sentence stands, as the answer cites it.

    Args:
        cue: an offset into `raw`; of a sentence that runs over segments, the part that holds it is quoted.
    """
    part = sentence.parts[0]
    passed = 0
    for part in sentence.parts:
        passed += part.end - part.start + 1
        if cue < passed:
            break
    segment = segments[part.segment]
    return SpokenEvidence(
        quote=segment.text[part.start : part.end],
        speaker=segment.speaker,
        segment_index=part.segment,
        timestamp=segment.start_time,
    )


def _trimmed(text: str, start: int, end: int) -> list[tuple[int, int]]:
    piece = text[start:end]
    inner = piece.strip()
    if not inner:
        return []
    start += len(piece) - len(piece.lstrip())
    return [(start, start + len(inner))]


def _cut(text: str, start: int, end: int) -> list[tuple[int, int]]:
    words = [(m.start(), m.end()) for m in _WORD.finditer(text, start, end)]
    if len(words) <= LONGEST:
        return [(start, end)]
    joints = {m.end() for m in _JOINT.finditer(text, start, end)}
    found = []
    first = 0
    for number in range(len(words)):
        length = number - first
        if (length >= LONGEST // 3 and words[number][0] in joints) or length >= LONGEST:
            found.append((words[first][0], words[number - 1][1]))
            first = number
    found.append((words[first][0], words[-1][1]))
    return found


def _goes_on(run: list[Part], part: Part, segments: Sequence[Segment]) -> bool:
    """Whether `part` finishes the sentence of `run`: same speaker, no stop between, lower case or no pause."""
    last = run[-1]
    before, after = segments[last.segment], segments[part.segment]
    return (
        len(run) < _MOST_PARTS
        and part.segment == last.segment + 1
        and before.speaker == after.speaker
        and not _ended(before.text)
        and (after.text[part.start].islower() or _close(before, after))
    )


def _ended(text: str) -> bool:
    return text.rstrip()[-1:] in '.?!…。！？}]"”'


def _close(before: Segment, after: Segment) -> bool:
    if before.end_time is None or after.start_time is None:
        return False
    return after.start_time - before.end_time <= _PAUSE
