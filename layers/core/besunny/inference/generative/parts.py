"""A long source in parts that a model can read, on the ends of lines and sentences; and how much of it they are."""

import re
from collections.abc import Iterable, Sequence

from besunny.inference.contracts.engine_config import OVERHEAD_TOKENS

# A token has seldom less than three bytes of UTF-8, whatever the language.
BYTES_A_TOKEN = 3
_END = re.compile(r"\n+|(?<=[.!?…。！？])\s+|\s+")


def room_for_text(context_tokens: int, max_output_tokens: int) -> int:
    """How many bytes of a source go into one request; the engines document leaves at least 200 tokens."""
    return (context_tokens - max_output_tokens - OVERHEAD_TOKENS) * BYTES_A_TOKEN


def cut(text: str, most_bytes: int) -> str:
    """The beginning of a text, as far as it fits."""
    return text[: _fitting(text, 0, most_bytes)]


def parts_of(text: str, most_bytes: int) -> list[tuple[int, int]]:
    """Start and end of parts of at most `most_bytes` in UTF-8 that together are the text."""
    found: list[tuple[int, int]] = []
    start = 0
    while start < len(text):
        end = _fitting(text, start, most_bytes)
        if end < len(text):
            end = _end_before(text, start, end)
        found.append((start, end))
        start = end
    return found


def _fitting(text: str, start: int, most_bytes: int) -> int:
    piece = text[start : start + most_bytes].encode(errors="surrogatepass")[:most_bytes]
    return start + max(1, len(piece.decode(errors="ignore")))


def _end_before(text: str, start: int, end: int) -> int:
    """Back to a line's end, a sentence's, a word's, whichever stands in the last quarter; else where it fits."""
    tail = end - (end - start) // 4
    best = {"line": 0, "sentence": 0, "word": 0}
    for match in _END.finditer(text, tail, end):
        kind = "line" if "\n" in match[0] else "sentence" if text[match.start() - 1] in ".!?…。！？" else "word"
        best[kind] = match.end()
    return best["line"] or best["sentence"] or best["word"] or end


def grouped(sizes: Sequence[int], most: int) -> list[range]:
    """Neighbours in groups whose sizes add up to at most `most`; what is larger alone is a group of its own."""
    groups: list[range] = []
    start = total = 0
    for index, size in enumerate(sizes):
        if index > start and total + size > most:
            groups.append(range(start, index))
            start, total = index, 0
        total += size
    if sizes:
        groups.append(range(start, len(sizes)))
    return groups


def spread(count: int, most: int) -> list[int]:
    """At most `most` of `count` places, the first and the last among them, evenly spread."""
    if count <= most:
        return list(range(count))
    if most == 1:
        return [0]
    return sorted({round(index * (count - 1) / (most - 1)) for index in range(most)})


def total_length(spans: Iterable[tuple[int, int]]) -> int:
    """Characters in spans that do not overlap."""
    return sum(end - start for start, end in spans)
