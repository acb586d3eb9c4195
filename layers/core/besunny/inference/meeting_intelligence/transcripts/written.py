"""Headings and lines of lists in what was written down, as minutes have them."""

import re
from typing import Literal

_HEADING = re.compile(
    r"\W*(?:(?P<action>(?:agreed )?(?:action|next step|to-?do|task|follow-?up)s?(?: (?:item|point)s?)?(?: list)?)"
    r"|(?P<decision>(?:key )?(?:decision|resolution)s?(?: (?:made|taken))?))\W*",
    re.I,
)
_LINE = re.compile(r"[ \t]*(?:(?:[-*•–]|\d{1,2}[.)])[ \t]+(?:\[[ xX]?\][ \t]*)?|\[[ xX]?\][ \t]*)(?P<text>\S.*)", re.S)


def list_heading(line: str) -> Literal["action", "decision"] | None:
    """Of what the list below is, where the line is the heading of a list of tasks or decisions and no more."""
    match = _HEADING.fullmatch(line)
    return None if match is None else "action" if match["action"] else "decision"


def list_line(line: str) -> str | None:
    """What a line with a bullet, a number or a box says; null for other lines."""
    match = _LINE.fullmatch(line)
    return match["text"].strip() if match else None
