"""A text's passages as runs of tokens that a small encoder reads at once, with their neighbours for context."""

from collections.abc import Sequence
from dataclasses import dataclass

LONGEST = 126  # tokens of a window, without the two special ones
_FULL = 60  # a window of so many ends where the next passage would not fit


@dataclass(frozen=True, slots=True)
class Window:
    """Tokens that follow each other.

    Attributes:
        ids: of the tokens, without special ones.
        owners: the passage of each.
    """

    ids: tuple[int, ...]
    owners: tuple[int, ...]


def windows(passages: Sequence[Sequence[int]], first: int = LONGEST) -> list[Window]:
    """The windows of passages given as token ids, each token in one window.

    Args:
        first: the most tokens of the first window; training moves the borders with it.
    """
    found: list[Window] = []
    ids: list[int] = []
    owners: list[int] = []
    longest = first
    for owner, tokens in enumerate(passages):
        rest = list(tokens)
        if rest and len(ids) >= min(_FULL, longest) and len(ids) + len(rest) > longest:
            found.append(Window(tuple(ids), tuple(owners)))
            ids, owners, longest = [], [], LONGEST
        while rest:
            taken = rest[: longest - len(ids)]
            rest = rest[len(taken) :]
            ids += taken
            owners += [owner] * len(taken)
            if rest:
                found.append(Window(tuple(ids), tuple(owners)))
                ids, owners, longest = [], [], LONGEST
    if ids:
        found.append(Window(tuple(ids), tuple(owners)))
    return found
