"""The parts of a sentence that may each hold an action item of their own."""

import re
from itertools import pairwise

from besunny.inference.meeting_intelligence.due_dates import due_dates
from besunny.inference.meeting_intelligence.people import People
from besunny.inference.meeting_intelligence.words import content_words

_JOINT = re.compile(r",?\s+(?:and|but|while|so)\s+(?=\w)", re.I)
_LIST_JOINT = re.compile(r"(?:,|;)?\s+(?:and|but|then)\s+(?=\w)|[,;]\s+(?=\w)", re.I)
_SUBJECT = re.compile(r"(?:i|we|you)\b")
_SHORTEST_CLAUSE = 4  # words


def clauses(text: str, people: People) -> list[str]:
    """The clauses of a sentence that have a subject of their own; one where it has no joint."""
    low = text.lower().replace("’", "'")
    dates = {date.start: date.end for date in due_dates(text, None)} if _JOINT.search(text) else {}
    parts = []
    done = 0
    for joint in _JOINT.finditer(text):
        # "... and by May 20 I'll deploy it": the date may stand before the subject.
        start = joint.end()
        if start in dates:
            start = dates[start] + len(text[dates[start] :]) - len(text[dates[start] :].lstrip(" ,"))
        if _SUBJECT.match(low, start) or people.at(low, start):
            parts.append(text[done : joint.start()].strip(" ,"))
            done = joint.end()
    parts.append(text[done:])
    if any(len(part.split()) < _SHORTEST_CLAUSE for part in parts):
        return [text]
    return [part[:1].upper() + part[1:] for part in parts]


def deadlines(text: str) -> list[str]:
    """A clause cut between its due dates: `the plan by May 3`, `the invoice by the end of the month`.

    Each part but for the first begins after a joint and names something beside its date; one where there is no second.
    """
    dates = due_dates(text, None)
    parts = []
    done = 0
    for first, second in pairwise(dates):
        joint = _LIST_JOINT.search(text, first.end, second.start)
        if joint and content_words(text[joint.end() : second.start]) and content_words(text[done : first.start]):
            parts.append(text[done : joint.start()])
            done = joint.end()
    parts.append(text[done:])
    return [part[:1].upper() + part[1:] for part in parts]
