"""WebVTT and SRT, as Zoom, Teams and Google Meet export them."""

import html
import re
from typing import Any

from besunny.inference.contracts.common import fault
from besunny.inference.meeting_intelligence.transcripts.plain import split_speaker
from besunny.inference.meeting_intelligence.transcripts.times import CLOCK, clock_seconds

_TIMING = re.compile(rf"[ \t]*({CLOCK})[ \t]*-->[ \t]*({CLOCK})(?:[ \t].*)?")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?[ \t]+([^>]{1,200})>")
_TAG = re.compile(r"<[^<>\n]{0,200}>")


def is_cues(text: str) -> bool:
    """Whether `text` is WebVTT or SRT rather than lines of speech."""
    return text.lstrip().startswith("WEBVTT") or any(_TIMING.fullmatch(line) for line in text[:4000].split("\n"))


def parse_cues(text: str) -> list[dict[str, Any]]:
    """The cues as segments, in order; a cue of two voices gives two, with the cue's times.

    Args:
        text: with `\\n` line ends and no byte order mark.

    Raises:
        PydanticCustomError: a cue's time cannot be read or ends before it starts; names the line.
    """
    found: list[dict[str, Any]] = []
    lines = text.split("\n")
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if "-->" not in line:
            continue  # header, note, style block, cue number or identifier
        start, end = _timing(line, at)
        body = []
        while at < len(lines) and lines[at].strip() and "-->" not in lines[at]:
            body.append(lines[at].strip())
            at += 1
        if at < len(lines) and "-->" in lines[at] and body:
            body.pop()  # a file without blank lines: the last line is the next cue's number
        found += [
            {"speaker": speaker, "text": spoken, "start_time": start, "end_time": end}
            for speaker, spoken in _voices("\n".join(body))
        ]
    return found


def _timing(line: str, number: int) -> tuple[float, float]:
    match = _TIMING.fullmatch(line)
    if match is None:
        raise fault(f"line {number} is not a cue time", "HH:MM:SS.mmm --> HH:MM:SS.mmm")
    start, end = clock_seconds(match[1]), clock_seconds(match[2])
    if end < start:
        raise fault(f"the cue at line {number} ends before it starts", "an end at or after the start")
    return start, end


def _voices(body: str) -> list[tuple[str, str]]:
    marks = list(_VOICE.finditer(body))
    if not marks:
        speaker, spoken = split_speaker(_plain(body))
        return [(speaker or "Unknown", spoken)] if spoken else []
    turns = [("Unknown", body[: marks[0].start()])]
    for mark, after in zip(marks, [*marks[1:], None], strict=True):
        turns.append((html.unescape(mark[1]).strip(), body[mark.end() : after.start() if after else None]))
    return [(speaker, spoken) for speaker, raw in turns if (spoken := _plain(raw))]


def _plain(marked: str) -> str:
    return html.unescape(_TAG.sub("", marked)).strip()
