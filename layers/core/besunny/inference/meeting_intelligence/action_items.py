"""Who will do what: promises, requests and assignments, weighed by their wording and by what confirms them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from math import log
from typing import TYPE_CHECKING

from besunny.inference.contracts.meeting_intelligence import ActionItem, Priority, Segment
from besunny.inference.meeting_intelligence.action_wordings import Wording, best
from besunny.inference.meeting_intelligence.clauses import clauses, deadlines
from besunny.inference.meeting_intelligence.clean import as_spoken
from besunny.inference.meeting_intelligence.due_dates import Due, due
from besunny.inference.meeting_intelligence.own_words import unquoted
from besunny.inference.meeting_intelligence.people import UNKNOWN, People
from besunny.inference.meeting_intelligence.replies import accepted_by, declined, wanted
from besunny.inference.meeting_intelligence.sentences import Sentence, evidence
from besunny.inference.meeting_intelligence.strength import confidence
from besunny.inference.meeting_intelligence.verbs import base, category
from besunny.inference.meeting_intelligence.withdrawals import REACH, kept, takes_back
from besunny.inference.meeting_intelligence.words import content_words, tokens
from besunny.inference.meeting_intelligence.written_lists import Line, person, written_lines

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

THRESHOLD = 0.5
_WRITTEN = 0.95  # of a line of a list of tasks
_SOON = timedelta(days=2)
_UNLIKELY = re.compile(
    r"\b(?:if i|if we|if you|would have|could have|should have|suppose|imagine|hypothetical|wish|never(?! ?mind)|won't"
    r"|don't(?! forget)|didn't|wouldn't|not going to|used to|like i said|as i said|let's say|let me see|we'll see)\b"
)
# Characters around the wording that what makes it unlikely stands in: speech without stops runs on.
_BEFORE, _BEHIND = 90, 45
_HEDGED = re.compile(r"\b(?:maybe|perhaps|might|may|possibly|i think|i guess|or something|not sure)\b")
# A promise under a condition that the others are to meet: "If you send me the number, I'll test it".
_IF_YOU_I_WILL = re.compile(r"\b(?:if|once|as soon as|when) you\b[^.?!]{3,80}\b(?:i'll|i will)\b")
# "They said they will pay" is what others said, and no task of this meeting.
_REPORTED = re.compile(
    r"\b(?:said|says|told (?:me|us|him|her|them)|claims?|claimed|promised|wrote|mentioned|swears?)(?: that)?"
    r" (?:he|she|they)(?:'ll| will)\b"
)
_GENERIC = re.compile(r"\b(?:button|buttons|channel|channels|slides?|people|users?|everyone|they)\b")
_IN_PROGRESS = re.compile(
    r"\b(?:right now|just now|quickly|real quick|for a (?:second|minute|moment)|in this meeting|first of all)\b"
)
_URGENT = re.compile(r"\b(?:urgent|urgently|asap|immediately|right away|critical|blocker|blocking|top priority|eod)\b")
_HIGH = re.compile(r"\b(?:important|priority|as soon as possible|essential|crucial|deadline|must)\b")
_LOW = re.compile(
    r"\b(?:at some point|eventually|nice to have|when(?:ever)? you (?:get|have)|no rush|low priority|someday)\b"
)


# Wordings that ask; the model of intent was trained on mail, where promises do not count.
_ASKING = ("you", "name", "need")
_MOST_READ = 200
_INTENT_POINTS = 0.4
Intent = Callable[[Sequence[str]], "NDArray[float32]"]
"""How likely each sentence asks for an action, float32[n]."""


@dataclass(frozen=True, slots=True)
class _Meeting:
    sentences: Sequence[Sentence]
    segments: Sequence[Segment]
    people: People
    date: date | None
    read: dict[str, tuple[str, Wording | None]]
    intents: dict[int, float]

    def wording(self, text: str) -> tuple[str, Wording | None]:
        """The text in lower case with names marked, and its strongest wording."""
        if text not in self.read:
            low = self.people.marked(unquoted(text.lower().replace("’", "'")))
            self.read[text] = low, best(low, self.people)
        return self.read[text]


@dataclass(frozen=True, slots=True)
class _Found:
    """The items that a sentence held, by their keys."""

    sentence: int
    keys: list[tuple[str | None, frozenset[str]]]


def action_items(
    sentences: Sequence[Sentence],
    segments: Sequence[Segment],
    people: People,
    meeting_date: date | None,
    intent: Intent | None = None,
) -> list[ActionItem]:
    """Every action item with a confidence of at least `THRESHOLD`, in order; the same one said twice counts once.

    Args:
        intent: judges the sentences whose wording asks for something, at most `_MOST_READ`; null leaves it to wordings.
    """
    meeting = _Meeting(sentences, segments, people, meeting_date, {}, {})
    if intent is not None:
        meeting.intents.update(_intents(meeting, intent))
    found: dict[tuple[str | None, frozenset[str]], ActionItem] = {}
    last = _Found(-REACH, [])
    lines = written_lines(sentences)
    for sentence in sentences:
        if takes_back(sentence.raw) and sentence.index - last.sentence <= REACH:
            for key in last.keys:
                found.pop(key, None)
        line = lines.get(sentence.index)
        items = _items(sentence, meeting) if line is None else _written(line, sentence, meeting)
        if items:
            last = _Found(sentence.index, [])
        for item in items:
            key = (item.assignee, frozenset(content_words(item.text)))
            if key not in found or found[key].confidence_score < item.confidence_score:
                found[key] = item
                last.keys.append(key)
    return sorted(found.values(), key=lambda item: item.segment_index)


def _intents(meeting: _Meeting, intent: Intent) -> dict[int, float]:
    """Points for the intent of the sentences that may ask, by their index; the least certain wordings first."""
    asking = []
    for sentence in meeting.sentences:
        _, wording = meeting.wording(sentence.text)
        if wording is not None and wording.owner in _ASKING:
            asking.append((abs(wording.points), sentence))
    chosen = [sentence for _, sentence in sorted(asking, key=lambda pair: pair[0])[:_MOST_READ]]
    if not chosen:
        return {}
    found = intent([sentence.text for sentence in chosen])
    return {
        sentence.index: _INTENT_POINTS * max(-2.0, min(1.0, log(p / (1 - p))))
        for sentence, p in zip(chosen, (min(max(float(p), 1e-6), 1 - 1e-6) for p in found), strict=True)
    }


def _written(line: Line, sentence: Sentence, meeting: _Meeting) -> list[ActionItem]:
    """A line of a list of tasks as the item that it is."""
    if line.kind != "action":
        return []
    low, wording = meeting.wording(line.text)
    when = due(line.text, meeting.date)
    verbs = tokens(line.text) if wording is None else [wording.verb, wording.after]
    item = ActionItem(
        **evidence(sentence, meeting.segments).model_dump(),
        text=line.text,
        assignee=person(line.who, meeting.people),
        due_date=when.day if when else None,
        due_said=as_spoken(sentence.raw, when.said) if when else None,
        priority=_priority(low, when, meeting.date),
        category=next((found for pair in pairwise([*verbs, ""]) if (found := category(base(pair[0]), pair[1]))), None),
        confidence_score=_WRITTEN,
    )
    return [item]


def _items(sentence: Sentence, meeting: _Meeting) -> list[ActionItem]:
    """One item, or one a part where several hold one ("Bob will test it by Monday, and I'll book the room")."""
    text = kept(sentence.text)
    parts = clauses(text, meeting.people)
    found = []
    several = False
    for part in parts:
        held = None
        pieces = deadlines(part) if meeting.wording(part)[1] else [part]
        several |= len(pieces) > 1
        for piece in pieces:
            # "The plan is due on Monday and the invoice on Friday": what is said of the first holds for the second.
            item, held = _item(piece, sentence, meeting, held)
            found += [item] if item else []
    if len(found) < 2 and (several or len(parts) > 1):
        whole, _ = _item(text, sentence, meeting, None)
        return [whole] if whole else []
    return found


def _item(
    text: str, sentence: Sentence, meeting: _Meeting, held: Wording | None
) -> tuple[ActionItem | None, Wording | None]:
    """The item of a part and the wording it stands on; `held` is that of the part before it."""
    low, own = meeting.wording(text)
    wording = own or (replace(held, at=0) if held else None)
    if wording is None:
        return None, None
    place = text.lower().find(wording.verb) if own else 0
    when = due(text, meeting.date, max(0, place))
    taker = _taker(wording, sentence, meeting.sentences)
    assignee = _assignee(wording, sentence.speaker, taker, meeting.people)
    if wording.owner in ("you", "name"):
        refused, stands_in = declined(sentence, meeting.sentences)
        if refused and stands_in is None:
            return None, wording
        assignee = stands_in or assignee
    points = wording.points + _around(wording, low, when)
    points += meeting.intents.get(sentence.index, 0.0) * (wording.owner in _ASKING)
    points += (
        (1.2 if wording.owner == "offer" else 0.6) * (taker is not None)
        + 0.5 * (wording.named is not None)
        - 0.3 * (assignee is None)
    )
    score = confidence(points)
    if score < THRESHOLD:
        return None, wording
    cue = sentence.raw.lower().find(wording.verb if own else text[:20].lower())
    item = ActionItem(
        **evidence(sentence, meeting.segments, max(0, cue)).model_dump(),
        text=text,
        assignee=assignee,
        due_date=when.day if when else None,
        due_said=as_spoken(sentence.raw, when.said) if when else None,
        priority=_priority(low, when, meeting.date),
        category=category(base(wording.verb), wording.after),
        confidence_score=score,
    )
    return item, wording


def _taker(wording: Wording, sentence: Sentence, sentences: Sequence[Sentence]) -> str | None:
    """Who took on what was asked for; of an offer, the one who made it, where others took it."""
    if wording.owner in ("self", "all"):
        return None
    if wording.owner == "offer":
        return sentence.speaker if wanted(sentence, sentences) else None
    return accepted_by(sentence, sentences, asked=wording.owner in ("you", "name"))


def _around(wording: Wording, low: str, when: Due | None) -> float:
    """Points for what stands around the wording: a date, an object; hedges and conditions against."""
    rest = content_words(low if wording.owner in ("it", "need") else low[wording.at :])
    points = -0.5 + 0.9 * (when is not None) - 0.8 * bool(wording.owner == "it" and _GENERIC.search(low))
    if wording.owner == "need":
        points += 0.6 * ("from you" in low) - 0.6 * (when is None)
    points += 0.4 if len(rest) >= 3 else -0.8 * (len(rest) < 2)
    points -= 2.0 * (wording.owner == "they" and bool(_REPORTED.search(low)))
    near = low[max(0, wording.at - _BEFORE) : wording.at + _BEHIND]
    unlikely = 0.6 if _IF_YOU_I_WILL.search(low) else 1.5
    points -= (
        unlikely * bool(_UNLIKELY.search(near)) + 0.4 * bool(_HEDGED.search(low)) + 0.8 * bool(_IN_PROGRESS.search(low))
    )
    points -= 0.6 * (wording.owner in ("you", "we", "all") and bool(_GENERIC.search(low)))
    points -= 0.6 * (len(tokens(low)) > 40)
    return points - 1.2 * (low.rstrip().endswith("?") and wording.owner not in ("you", "name", "offer"))


def _assignee(wording: Wording, speaker: str, taker: str | None, people: People) -> str | None:
    if wording.owner in ("self", "offer"):
        return None if speaker == UNKNOWN else speaker
    if wording.named is not None:
        return wording.named
    if taker is not None and taker != UNKNOWN:
        return taker
    return people.other_than(speaker) if wording.asks else None


def _priority(low: str, when: Due | None, meeting_date: date | None) -> Priority:
    if _URGENT.search(low):
        return "urgent"
    day = when.day if when else None
    soon = day is not None and meeting_date is not None and day - meeting_date <= _SOON
    if soon or _HIGH.search(low):
        return "high"
    return "low" if _LOW.search(low) else "normal"
