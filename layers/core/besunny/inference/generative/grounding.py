"""What a generative engine says, held against the source: quotes must stand there, words must come from there."""

import re
from collections.abc import Sequence
from functools import cached_property

from besunny.inference.text.entities import entities

# Shorter quotes stand everywhere.
_LEAST_CHARACTERS = 8
_LONGEST_QUOTE = 1000
_WORD = re.compile(r"\w+(?:[.'’-]\w+)*")
_ADDRESS = re.compile(r"https?://\S+|www\.\S+|\S+@\S+")
_SPACE = re.compile(r"\s*")
_STEM = 4
_NAME_STEM = 5
_SHARE_FROM_SOURCE = 0.6


class Source:
    """A text that quotes are looked up in.

    Args:
        text: as the caller sent it.
    """

    def __init__(self, text: str) -> None:
        self.text = text

    def find(self, quote: str, start: int = 0, end: int | None = None) -> tuple[int, int] | None:
        """Where a quote stands, as start and end in characters; white space counts as equal, and nothing else.

        Args:
            quote: of at least eight characters, or the whole text.
            start, end: look between these alone.

        Returns:
            The first place, or None where it does not stand there.
        """
        words = quote.split()
        length = sum(map(len, words))
        if not words or length > _LONGEST_QUOTE:
            return None
        pattern = re.compile(r"\s+".join(map(re.escape, words)))
        end = len(self.text) if end is None else end
        found = pattern.search(self.text, start, end)
        if found is None or (length < _LEAST_CHARACTERS and not self._is_all(found.span(), start, end)):
            return None
        return found.span()

    def _is_all(self, span: tuple[int, int], start: int, end: int) -> bool:
        """Whether nothing but white space stands around a span."""
        before, after = _SPACE.match(self.text, start, end), _SPACE.match(self.text, span[1], end)
        return before is not None and after is not None and (before.end(), after.end()) == (span[0], end)

    def tells(self, sentence: str) -> bool:
        """Whether a sentence can be said from this text.

        Each number, address and name in it must stand in the text, and most of its longer words too, be it in another
        form. This cannot see a wrong sense made of the right words.
        """
        long = [word for word in _WORD.findall(sentence) if len(word) >= _STEM]
        held = sum(word[:_STEM].casefold() in self._stems for word in long)
        return self.holds_facts_of(sentence) and held >= _SHARE_FROM_SOURCE * len(long)

    def holds_facts_of(self, sentence: str) -> bool:
        """Whether each number, address and name in a sentence stands in the text."""
        if any(address.rstrip(".,;)") not in self.text for address in _ADDRESS.findall(sentence)):
            return False
        words = _WORD.findall(sentence)
        # A capital says nothing at the beginning, unless the word is known to be a name.
        named = any(person.start == 0 for person in entities(sentence).people)
        facts = [word for number, word in enumerate(words) if _is_fact(word, may_be_name=number > 0 or named)]
        return bool(words) and all(map(self._has, facts))

    def _has(self, word: str) -> bool:
        bare = word.casefold().removesuffix("'s").removesuffix("’s")
        return (
            word.casefold() in self._words
            or bare in self._words
            or word[:_NAME_STEM].casefold() in self._stems_of_names
        )

    @cached_property
    def _words(self) -> frozenset[str]:
        found = {word.casefold() for word in _WORD.findall(self.text)}
        return frozenset(found | {part for word in found for part in re.split(r"[.'’-]", word)})

    @cached_property
    def _stems(self) -> frozenset[str]:
        return frozenset(word[:_STEM] for word in self._words)

    @cached_property
    def _stems_of_names(self) -> frozenset[str]:
        """For names in another form, such as `Berliner` of `Berlin`; never for numbers."""
        return frozenset(
            word[:_NAME_STEM] for word in self._words if len(word) >= _NAME_STEM and not any(map(str.isdigit, word))
        )


def _is_fact(word: str, *, may_be_name: bool) -> bool:
    """A number, or a name."""
    return any(map(str.isdigit, word)) or (may_be_name and word[0].isupper() and word not in ("I", "I'll", "I’ll"))


def distinct_spans(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The spans that overlap none before them."""
    kept: list[tuple[int, int]] = []
    for start, end in spans:
        if all(end <= other_start or start >= other_end for other_start, other_end in kept):
            kept.append((start, end))
    return kept
