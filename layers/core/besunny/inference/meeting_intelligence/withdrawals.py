"""What a speaker takes back: "scratch that", "never mind"."""

import re

_END = r"(?=\s*(?:$|[,.;:!?…–—-]))"
_WORDS = (
    rf"(?:(?:scratch|strike|forget|disregard) (?:that|it|this)(?: one| last (?:one|point|item|bit))?{_END}"
    rf"|never ?mind(?: (?:about )?(?:that|it|this))?{_END}|i take (?:that|it) back\b)"
)
_BEGINS = re.compile(
    r"^\W*(?:(?:oh|no|wait|actually|sorry|well|okay|ok|yeah|hmm?|u+m|u+h|hang on|hold on|and|but|or|so|you know what"
    rf"|on second thoughts?)\W+)*{_WORDS}",
    re.I,
)
_WITHIN = re.compile(rf"[\s,;–—-]+(?:(?:no|wait|actually|sorry|oh|or|well)[\s,]+)*{_WORDS}[\s,.;:!–—-]*", re.I)
REACH = 4
"""How many sentences later something may still be taken back."""


def takes_back(raw: str) -> bool:
    """Whether a sentence begins with taking back what was said before it."""
    return _BEGINS.search(raw) is not None


def kept(text: str) -> str:
    """What a sentence still says after what it takes back itself; empty where nothing follows."""
    last = max((match.end() for pattern in (_BEGINS, _WITHIN) for match in pattern.finditer(text)), default=0)
    rest = text[last:].lstrip(" ,.;:!?–—-")
    return rest[:1].upper() + rest[1:] if last else text
