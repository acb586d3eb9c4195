"""Who is in the meeting, and whom a sentence names."""

import re
from collections import Counter
from collections.abc import Sequence

from besunny.inference.meeting_intelligence.lexicon import lexicon

UNKNOWN = "Unknown"
_ROLES = lexicon("roles")
_TITLES = frozenset(("mr", "mrs", "ms", "miss", "dr", "prof", "professor", "sir", "madam", "hon", "phd", "the"))
_NAME_WORD = re.compile(r"[^\W\d_][\w'-]*")
_TWO_NAMES = re.compile(r"[^\W\d_a-z][\w'’-]+ [^\W\d_a-z][\w'’-]+\)")
_WORD = re.compile(r"[^\W\d_]\w*")
_OPEN, _CLOSE = "\ue000", "\ue001"  # of Unicode's private use: no speech holds them, and what does is rid of them
# What `People.marked` puts in place of a name, for regular expressions: `{MARK.format('group')}`.
MARK = _OPEN + r"(?P<{}>\d+)" + _CLOSE


class People:
    """The participants of a meeting: those listed and those who speak.

    A person is named by the whole name, or by a first or last name that nobody else has; a role ("User Interface") only
    by all of it. Names are looked up word by word, so a thousand of them cost a sentence no more than two.
    """

    def __init__(self, participants: Sequence[str], speakers: Sequence[str]) -> None:
        self.speakers = [name for name in dict.fromkeys(speakers) if name != UNKNOWN]
        self.names = [name for name in dict.fromkeys([*participants, *self.speakers]) if name != UNKNOWN]
        shared = Counter(part for name in self.names for part in _parts(name))
        owners = {part: i for i, name in enumerate(self.names) for part in _parts(name) if shared[part] == 1}
        owners |= {_plain(name): i for i, name in enumerate(self.names)}
        self._by_first_word: dict[str, list[tuple[str, int]]] = {}
        for alias in sorted(owners, key=len, reverse=True):
            word = _WORD.match(alias)
            if word:
                self._by_first_word.setdefault(word[0], []).append((alias, owners[alias]))

    def at(self, low: str, start: int) -> tuple[int, int] | None:
        """The person named at `start` of a text in lower case, as number in `names` and end of the name; or null."""
        word = _WORD.match(low, start)
        for alias, owner in self._by_first_word.get(word[0], ()) if word else ():
            end = start + len(alias)
            if low.startswith(alias, start) and not low[end : end + 1].isalnum():
                return owner, end
        return None

    def marked(self, low: str) -> str:
        """A text in lower case with each name replaced by the mark of its person."""
        low = low.replace(_OPEN, "").replace(_CLOSE, "")
        pieces = []
        done = 0
        for word in _WORD.finditer(low):
            found = self.at(low, word.start()) if word[0] in self._by_first_word and word.start() >= done else None
            if found:
                owner, end = found
                pieces += [low[done : word.start()], f"{_OPEN}{owner}{_CLOSE}"]
                done = end
        return "".join([*pieces, low[done:]])

    def other_than(self, speaker: str) -> str | None:
        """The one other person, where a meeting has two who speak."""
        others = [name for name in self.speakers if name != speaker]
        return others[0] if len(others) == 1 and speaker in self.speakers else None


def _plain(name: str) -> str:
    return name.lower().replace("’", "'")


def _parts(name: str) -> set[str]:
    outside, _, inside = name.partition("(")
    words = _NAME_WORD.findall(_plain(outside))
    if not _ROLES.isdisjoint(words) and _TWO_NAMES.match(inside):
        words = _NAME_WORD.findall(_plain(inside))  # "Chair (Denise Wright)" is Denise Wright
    if not words or not _ROLES.isdisjoint(words):
        return set()
    return {word for word in (words[0], words[-1]) if len(word) > 2 and word not in _TITLES}
