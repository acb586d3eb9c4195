"""WebVTT and SRT, as Zoom, Teams, Webex and Google Meet export them, and the cues of Teams' Word files."""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from besunny.inference.contracts.common import fault
from besunny.inference.meeting_intelligence.transcripts.plain import is_whole_name, split_speaker
from besunny.inference.meeting_intelligence.transcripts.times import CLOCK, clock_seconds

# Teams' Word files write `0:0:3.12`.
_CLOCK = rf"(?:{CLOCK}|\d{{1,2}}:\d{{1,2}}:\d{{1,2}}[.,]\d{{1,6}})"
# A word that only begins so is speech.
_HEADER = re.compile(r"\s*WEBVTT(?:\s|$)")
_TIMING = re.compile(rf"[ \t]*({_CLOCK})[ \t]*-->[ \t]*({_CLOCK})(?:[ \t].*)?")
# Where a time should stand, a line that was meant as one; an arrow anywhere else is text.
_TRIED = re.compile(r"[ \t]*[\d:]*:\d\d.*-->")
_NO_CUE = re.compile(r"(?:NOTE|STYLE|REGION)(?:[ \t].*)?")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?[ \t]+([^>]{1,200})>")
_TAG = re.compile(r"<[^<>\n]{0,200}>|\{\\[^{}\n]{0,40}\}")
# Webex names the speaker where a cue's number stands: `1 "Ann Lee" (123456)`.
_NAMED_NUMBER = re.compile(r'\d+[ \t]+"([^"]{1,200})"(?:[ \t]*\(\d+\))?')
# There the name stands above the text.
_TERSE = re.compile(r"^\d{1,2}:\d{1,2}:\d\.\d{1,6} --> ", re.M)


@dataclass(slots=True)
class _Cue:
    start: float
    end: float
    above: str  # the line above its time, "" where there is none
    body: list[str] = field(default_factory=list)


def is_cues(text: str) -> bool:
    """Whether `text` is WebVTT or SRT rather than lines of speech."""
    return _HEADER.match(text) is not None or any(_TIMING.fullmatch(line) for line in text[:4000].split("\n"))


def parse_cues(text: str) -> list[dict[str, Any]]:
    """The cues as segments, by their start; a cue of two voices gives two, with the cue's times.

    Args:
        text: with `\\n` line ends and no byte order mark.

    Raises:
        PydanticCustomError: a cue's time cannot be read or ends before it starts; names the line.
    """
    cues = _cues(text.split("\n"))
    terse = _TERSE.search(text) is not None and all(len(cue.body) > 1 and is_whole_name(cue.body[0]) for cue in cues)
    return [
        {"speaker": speaker, "text": spoken, "start_time": cue.start, "end_time": cue.end}
        for cue in sorted(cues, key=lambda cue: cue.start)  # stable: as written where they start together
        for speaker, spoken in ([(cue.body[0], _plain("\n".join(cue.body[1:])))] if terse else _voices(cue))
    ]


def _cues(lines: Sequence[str]) -> list[_Cue]:
    """The cues as written. Lines that no time leads, below a blank one, go on with the cue above them."""
    found: list[_Cue] = []
    numbered = False
    passing = False  # over a note, a style or a region
    for at, line in enumerate(lines):
        above = lines[at - 1].strip() if at else ""
        identified = bool(above) and (at < 2 or not lines[at - 2].strip())
        if not line.strip():
            passing = False
        elif passing or (not above and _NO_CUE.fullmatch(line)):
            passing = True
        elif _TIMING.fullmatch(line) or ((not above or identified) and _TRIED.match(line)):
            numbered = numbered or (not found and above.isdigit())
            if found and found[-1].body[-1:] == [above] and (identified or (numbered and above.isdigit())):
                found[-1].body.pop()  # the number or identifier of this cue
            found.append(_Cue(*_times(line, at + 1), above))
        elif found:
            found[-1].body.append(line.strip())
    return found


def _times(line: str, number: int) -> tuple[float, float]:
    match = _TIMING.fullmatch(line)
    start, end = (clock_seconds(match[1]), clock_seconds(match[2])) if match else (None, None)
    if start is None or end is None:
        raise fault(f"line {number} is not a cue time", "HH:MM:SS.mmm --> HH:MM:SS.mmm")
    if end < start:
        raise fault(f"the cue at line {number} ends before it starts", "an end at or after the start")
    return start, end


def _voices(cue: _Cue) -> Iterator[tuple[str, str]]:
    body = "\n".join(cue.body)
    marks = list(_VOICE.finditer(body))
    if not marks:
        named = _NAMED_NUMBER.fullmatch(cue.above)
        speaker, spoken = (named[1], _plain(body)) if named else split_speaker(_plain(body))
        marked = [(speaker or "Unknown", spoken)]
    else:
        marked = [("Unknown", _plain(body[: marks[0].start()]))]
        for mark, after in zip(marks, [*marks[1:], None], strict=True):
            spoken = _plain(body[mark.end() : after.start() if after else None])
            marked.append((html.unescape(mark[1]).strip(), spoken))
    return ((speaker, spoken) for speaker, spoken in marked if spoken)


def _plain(marked: str) -> str:
    return html.unescape(_TAG.sub("", marked)).strip()
