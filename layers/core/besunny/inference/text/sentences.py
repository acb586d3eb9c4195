"""Sentences with the characters they span."""

import re
from collections.abc import Iterator

from besunny.inference.contracts.common import Span

# A stop, closing quotes, then white space; or a line's end before something that starts anew.
_END = re.compile(
    r"[.!?…]+[\"'”’)\]]*(?=\s|$)|[。！？]+|\n[ \t]*(?=\n)|\n(?=[ \t]*(?:[-*•>#]|\d+[.)]\s|[A-Z][^\n:]{0,40}:\s))"
)
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"'])(?:mr|mrs|ms|dr|prof|st|vs|etc|e\.g|i\.e|cf|approx|inc|ltd|corp|co|jr|sr|fig|no|dept|est|gen|col"
    r"|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|u\.s|u\.k|a\.m|p\.m|[a-z])\.$",
    re.IGNORECASE,
)


def sentence_spans(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each sentence of `text`, in order, white space around it left out."""
    start = 0
    for end in _END.finditer(text):
        follows = text[end.end() : end.end() + 2].strip()[:1]
        if end.group().startswith(".") and _goes_on(text[max(start, end.start() - 8) : end.start() + 1], follows):
            continue
        yield from _trimmed(text, start, end.end())
        start = end.end()
    yield from _trimmed(text, start, len(text))


def sentences(text: str) -> list[Span]:
    """The sentences of `text` as spans: `text[span.start:span.end] == span.text`."""
    return [Span(text=text[start:end], start=start, end=end) for start, end in sentence_spans(text)]


def _goes_on(before: str, follows: str) -> bool:
    return follows.islower() or (bool(follows) and _ABBREVIATION.search(before) is not None)


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    piece = text[start:end]
    bare = piece.strip()
    if bare:
        start += len(piece) - len(piece.lstrip())
        yield start, start + len(bare)
