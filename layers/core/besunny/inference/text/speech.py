"""Speech written down: what was said, apart from who said it and marks of noises."""

import re

# `Name:` and `[00:01:02] Name:` at a line's head, and `{laugh}` or `[inaudible]` anywhere.
MARKS = re.compile(
    r"^[ \t]*(?:[\[(]?\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d+)?[\])]?[ \t]*)?[A-ZÀ-Þ][\w .'’()-]{0,40}:(?=\s)"
    r"|\{[^{}\n]{1,30}\}|\[[a-z][^\[\]\n]{0,30}\]",
    re.MULTILINE,
)


def spoken(text: str) -> str:
    """The text without its marks; the text itself where nothing else is in it."""
    return " ".join(MARKS.sub(" ", text).split()) or text
