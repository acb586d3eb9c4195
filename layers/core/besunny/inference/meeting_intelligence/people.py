"""Who is in the meeting, and whom a sentence names."""

import re
from collections import Counter
from collections.abc import Sequence

from besunny.inference.meeting_intelligence.lexicon import lexicon

UNKNOWN = "Unknown"
_ROLES = lexicon("roles")
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_TITLES = frozenset(("mr", "mrs", "ms", "miss", "dr", "prof", "professor", "sir", "madam", "hon", "phd", "the"))


class People:
    """The participants of a meeting: those listed and those who speak.

    A person is found by the whole name, or by a first or last name that nobody else has; a role ("User Interface")
    only by all of it.
    """

    def __init__(self, participants: Sequence[str], speakers: Sequence[str]) -> None:
        self.speakers = [name for name in dict.fromkeys(speakers) if name != UNKNOWN]
        self.names = [name for name in dict.fromkeys([*participants, *self.speakers]) if name != UNKNOWN]
        shared = Counter(word for name in self.names for word in _parts(name))
        self._by_alias = {word: name for name in self.names for word in _parts(name) if shared[word] == 1}
        self._by_alias |= {name.lower(): name for name in self.names}
        aliases = sorted(map(re.escape, self._by_alias), key=len, reverse=True)
        # A regular expression for any alias in lower case.
        self.pattern = rf"(?:{'|'.join(aliases)})\b" if aliases else r"(?!)"

    def named(self, alias: str) -> str | None:
        """The participant whom `alias` means, or null."""
        return self._by_alias.get(alias.lower())

    def other_than(self, speaker: str) -> str | None:
        """The one other person, where a meeting has two who speak."""
        others = [name for name in self.speakers if name != speaker]
        return others[0] if len(others) == 1 and speaker in self.speakers else None


def _parts(name: str) -> set[str]:
    words = [word.lower() for word in _WORD.findall(name.partition("(")[0])]
    if not _ROLES.isdisjoint(words):
        return set()
    return {word for word in (words[0], words[-1]) if len(word) > 2 and word not in _TITLES} if words else set()
