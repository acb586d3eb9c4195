"""Word lists: one text file a list, words apart by white space, lines with `#` tell what the list is."""

from pathlib import Path


def lexicon(name: str) -> frozenset[str]:
    """The words of `name`.txt beside this file."""
    text = (Path(__file__).parent / f"{name}.txt").read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())
