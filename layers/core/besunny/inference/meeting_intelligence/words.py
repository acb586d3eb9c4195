"""Words of speech for counting: lower case, without those that say nothing of the subject.

The latter are a list of its own: in a meeting "send" and "call" are the subject, and talk has fillers that text lacks.
"""

import re

from besunny.inference.meeting_intelligence.lexicon import lexicon

_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
STOPWORDS = lexicon("stopwords")


def tokens(text: str) -> list[str]:
    """All words of `text` in lower case, apostrophes straight."""
    return _TOKEN.findall(text.lower().replace("’", "'"))


def content_words(text: str) -> list[str]:
    """The words of `text` that tell of its subject, plural and singular as one."""
    return [singular(word) for word in tokens(text) if word not in STOPWORDS and (len(word) > 2 or word.isdigit())]


def singular(word: str) -> str:
    """`batteries` as `battery`, `remotes` as `remote`; good enough to count with, not to print."""
    word = word.removesuffix("'s")
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
