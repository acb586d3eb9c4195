"""A text of any length as windows of a bounded number of tokens, on sentence bounds, nothing left out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from besunny.inference.engines.protocol import Engine
from besunny.inference.text.sentences import sentence_spans


@dataclass(frozen=True, slots=True)
class Window:
    """Characters `start` to `end` of a text, and how many tokens they are."""

    start: int
    end: int
    tokens: int


def windows(text: str, engine: Engine, *, max_tokens: int = 128, overlap: int = 0) -> list[Window]:
    """The windows of `text`, in order; together they span every character that is not white space.

    Args:
        max_tokens: the most tokens of a window.
        overlap: whole sentences of at most so many tokens begin the next window again.
    """
    pieces = list(_pieces(text, engine, max_tokens))
    found: list[Window] = []
    held: list[Window] = []
    tokens = 0
    for piece in pieces:
        if held and tokens + piece.tokens > max_tokens:
            found.append(Window(held[0].start, held[-1].end, tokens))
            held = _tail(held, min(overlap, max_tokens - piece.tokens))
            tokens = sum(kept.tokens for kept in held)
        held.append(piece)
        tokens += piece.tokens
    if held:
        found.append(Window(held[0].start, held[-1].end, tokens))
    return found


def _tail(pieces: list[Window], tokens: int) -> list[Window]:
    kept: list[Window] = []
    for piece in reversed(pieces[1:]):
        tokens -= piece.tokens
        if tokens < 0:
            break
        kept.insert(0, piece)
    return kept


def _pieces(text: str, engine: Engine, max_tokens: int) -> Iterator[Window]:
    """The sentences; one that is too long falls into parts at the ends of its tokens."""
    spans = list(sentence_spans(text))
    counts = engine.count_tokens([text[start:end] for start, end in spans])
    for (start, end), count in zip(spans, counts, strict=True):
        if count <= max_tokens:
            yield Window(start, end, count)
        else:
            yield from _parts(text, start, end, engine.token_ends(text[start:end]), max_tokens)


def _parts(text: str, start: int, end: int, token_ends: list[int], max_tokens: int) -> Iterator[Window]:
    first, begin = 0, start
    while len(token_ends) - first > max_tokens:
        last = first + max_tokens
        # Back to the end of a word where there is one near, so that no word is cut.
        cut = next(
            (at for at in range(last, first + max_tokens // 2, -1) if text[start + token_ends[at - 1]].isspace()), last
        )
        yield Window(begin, start + token_ends[cut - 1], cut - first)
        first, begin = cut, start + token_ends[cut - 1]
    yield Window(begin, end, len(token_ends) - first)


def characters_read(text: str, found: Sequence[Window]) -> int:
    """How many characters of `text` lie in a window or are the white space around one."""
    read = at = 0
    for window in found:
        read += _white(text[at : window.start]) + window.end - max(at, window.start)
        at = window.end
    return read + _white(text[at:])


def _white(text: str) -> int:
    return len(text) - len(text.strip())
