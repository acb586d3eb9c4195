"""Meeting notes by a generative engine: each entry on a quote that stands in the transcript, else left out and counted.

Shares of talk, topics, sentiment and all places are the embedded engine's; so are due dates, from the words that the
engine points at.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, TypeVar

from pydantic import BaseModel

from besunny.inference.contracts.common import Coverage
from besunny.inference.contracts.meeting_intelligence import (
    ActionItem,
    Decision,
    MeetingAnswer,
    MeetingRequest,
    OpenQuestion,
    Segment,
    SpokenEvidence,
)
from besunny.inference.engines.protocol import Deadline
from besunny.inference.generative.asking import Asker
from besunny.inference.generative.grounding import Source
from besunny.inference.generative.parts import grouped, room_for_text, spread
from besunny.inference.generative.reading import read_parts
from besunny.inference.generative.schema import at_most
from besunny.inference.meeting_intelligence.due_dates import due
from besunny.inference.meeting_intelligence.people import UNKNOWN, People

# Turns around a quote in which a name or date may stand that belongs to it.
_AROUND = 3
_LONGEST_TEXT = 400
_SUMMARY, _KEY_POINTS, _FINDINGS, _NEXT_STEPS = 8, 8, 20, 10
# Of a generative engine's finding alone, and where the embedded engine has one on the same words. Not calibrated.
_ALONE, _CONFIRMED = 0.6, 0.8
# What the embedded engine is so sure of stays, though the generative one left it out.
_SURE = 0.8


class Said(BaseModel):
    """A sentence of the engine's, and what it stands on."""

    text: str
    quote: str
    turn: int


class Task(Said):
    """An action item."""

    assignee: str
    due_words: str
    priority: Literal["low", "normal", "high", "urgent"]


class MeetingOutput(BaseModel):
    """What the prompt asks for."""

    summary: list[Said] = at_most(_SUMMARY)
    key_points: list[Said] = at_most(_KEY_POINTS)
    action_items: list[Task] = at_most(_FINDINGS)
    decisions: list[Said] = at_most(_FINDINGS)
    open_questions: list[Said] = at_most(_FINDINGS)


Entry = TypeVar("Entry", bound=Said)
Finding = TypeVar("Finding", ActionItem, Decision, OpenQuestion)


@dataclass
class _Meeting:
    """The transcript as grounding reads it, and how much was not found in it."""

    request: MeetingRequest
    dropped: int = 0
    sources: dict[int, Source] = field(default_factory=dict)

    @cached_property
    def whole(self) -> Source:
        """All that was said and who said it, for words, names and numbers."""
        lines = [f"{segment.speaker}: {segment.text}" for segment in self.request.segments]
        return Source("\n".join([*lines, *self.request.participants, self.request.title or ""]))

    @cached_property
    def people(self) -> People:
        """Who is there."""
        return People(self.request.participants, [segment.speaker for segment in self.request.segments])

    def grounded(self, entries: Iterable[Entry], turns: range) -> list[tuple[Entry, SpokenEvidence]]:
        """The entries whose quote stands in one of the turns and whose text can be said from the transcript."""
        found = []
        for entry in entries:
            place = self._place(entry.quote, entry.turn, turns)
            text = " ".join(entry.text.split())
            if place is None or not 0 < len(text) <= _LONGEST_TEXT or not self.whole.tells(text):
                self.dropped += 1
            else:
                found.append((entry.model_copy(update={"text": text}), place))
        return found

    def _place(self, quote: str, turn: int, turns: range) -> SpokenEvidence | None:
        """The turn that was named, if the quote stands there, else the first of the turns in which it does."""
        for index in [turn, *turns] if turn in turns else turns:
            segment = self.request.segments[index]
            span = self.sources.setdefault(index, Source(segment.text)).find(quote)
            if span:
                return SpokenEvidence(
                    quote=segment.text[slice(*span)],
                    speaker=segment.speaker,
                    segment_index=index,
                    timestamp=segment.start_time,
                )
        return None

    def around(self, index: int) -> str:
        """What was said in a turn and those around it."""
        near = self.request.segments[max(0, index - _AROUND) : index + _AROUND + 1]
        return "\n".join(segment.text for segment in near)


def improve(request: MeetingRequest, base: MeetingAnswer, asker: Asker, *, deadline: Deadline) -> MeetingAnswer:
    """The embedded answer with the engine's summary, key points, action items, decisions and open questions.

    Args:
        base: the embedded engine's answer to the request.

    Raises:
        EngineUnavailableError, EngineFailedError: as `Asker.ask`.
    """
    segments = request.segments
    settings = asker.settings
    lines = [_line(index, segment) for index, segment in enumerate(segments)]
    room = room_for_text(settings.context_tokens, settings.max_output_tokens)
    groups = grouped([len(line.encode(errors="surrogatepass")) + 1 for line in lines], room)
    read = [groups[index] for index in spread(len(groups), settings.max_windows)]
    meeting = _Meeting(request)
    summary, points, tasks, decisions, questions = _Found(), _Found(), [], [], []
    characters = 0
    unread = set(range(len(segments)))

    def ask(turns: range) -> tuple[int, MeetingOutput]:
        text, held = _cut([lines[index] for index in turns], room)
        return held, asker.ask("meeting_intelligence", text, MeetingOutput, deadline=deadline)

    outputs, missing = read_parts(read, ask)
    for turns, (held, output) in outputs:
        characters += min(held, sum(len(segments[index].text) for index in turns))
        unread.difference_update(turns)
        summary.add(meeting.grounded(output.summary[:_SUMMARY], turns))
        points.add(meeting.grounded(output.key_points[:_KEY_POINTS], turns))
        tasks += [_task(e, p, meeting) for e, p in meeting.grounded(output.action_items[:_FINDINGS], turns)]
        decisions += [
            Decision(**place.model_dump(), text=entry.text, confidence_score=_ALONE)
            for entry, place in meeting.grounded(output.decisions[:_FINDINGS], turns)
        ]
        questions += [
            OpenQuestion(**place.model_dump(), text=entry.text, confidence_score=_ALONE)
            for entry, place in meeting.grounded(output.open_questions[:_FINDINGS], turns)
        ]
    action_items = _merged(tasks, base.action_items, segments, unread)
    settled = _merged(decisions, base.decisions_made, segments, unread)
    unanswered = _merged(questions, base.open_questions, segments, unread)
    steps = action_items[:_NEXT_STEPS]
    changes: dict[str, Any] = {
        "action_items": action_items,
        "decisions_made": settled,
        "open_questions": unanswered,
        "next_steps": [item.text for item in steps],
        "meeting_outcome": _outcome(len(settled), len(action_items), len(unanswered)),
        "engine": asker.info,
        "coverage": Coverage.of(sum(len(segment.text) for segment in segments), characters, missing),
        "dropped_ungrounded": meeting.dropped,
    }
    sources = {**base.sources, "next_steps": [_evidence(item) for item in steps]}
    if summary.texts:
        texts, places = summary.most(_SUMMARY)
        changes["executive_summary"] = " ".join(texts)
        sources["executive_summary"] = places
    if points.texts:
        changes["key_points"], sources["key_points"] = points.most(_KEY_POINTS)
    return base.model_copy(update={**changes, "sources": sources})


class _Found:
    """Sentences and the places they stand on, in order."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.places: list[SpokenEvidence] = []

    def add(self, found: Sequence[tuple[Said, SpokenEvidence]]) -> None:
        for entry, place in found:
            text = entry.text if entry.text[-1] in ".?!…。！？" else entry.text + "."
            if text not in self.texts:
                self.texts.append(text)
                self.places.append(place)

    def most(self, count: int) -> tuple[list[str], list[SpokenEvidence]]:
        """At most so many, from all of the meeting."""
        kept = spread(len(self.texts), count)
        return [self.texts[index] for index in kept], [self.places[index] for index in kept]


def _line(index: int, segment: Segment) -> str:
    return f"[{index}] {segment.speaker}: {' '.join(segment.text.split())}"


def _cut(lines: Sequence[str], most_bytes: int) -> tuple[str, int]:
    """The lines as one text, cut where a single turn is longer than fits; and how many characters are left."""
    text = "\n".join(lines)
    kept = text.encode(errors="surrogatepass")[:most_bytes].decode(errors="ignore")
    return kept, len(kept)


def _task(entry: Task, place: SpokenEvidence, meeting: _Meeting) -> ActionItem:
    near = Source(meeting.around(place.segment_index))
    said = entry.due_words.strip()
    words = said if said and said in near.text else place.quote
    when = due(words, meeting.request.meeting_date)
    return ActionItem(
        **place.model_dump(),
        text=entry.text,
        assignee=_assignee(entry.assignee, near.text, meeting.people),
        due_date=when.day if when else None,
        due_said=when.said if when else None,
        priority=entry.priority,
        category=None,
        confidence_score=_ALONE,
    )


def _assignee(name: str, near: str, people: People) -> str | None:
    """A participant of that name, or a name that stands near the quote; null for any other."""
    name = " ".join(name.split())
    if not name or name.casefold() == UNKNOWN.casefold():
        return None
    found = people.at(name.lower().replace("’", "'"), 0)
    if found and found[1] == len(name):
        return people.names[found[0]]
    return name if len(name) > 1 and name[0].isupper() and Source(near).tells(f"to {name}") and name in near else None


def _merged(
    found: Sequence[Finding], embedded: Sequence[Finding], segments: Sequence[Segment], unread: set[int]
) -> list[Finding]:
    """The engine's findings, surer where the embedded ones stand on the same words; and of those what is sure.

    Of the turns that the engine did not read, the embedded findings are all there is: those stay.
    """
    seen: set[tuple[int, str]] = set()
    kept: list[Finding] = []
    for item in found:
        key = (item.segment_index, item.text.casefold())
        if key not in seen:
            seen.add(key)
            confirmed = any(_overlap(item, own, segments) for own in embedded)
            score = _CONFIRMED if confirmed else item.confidence_score
            kept.append(item.model_copy(update={"confidence_score": score}))
    missed = [own for own in embedded if not any(_overlap(own, item, segments) for item in found)]
    kept += [own for own in missed if own.confidence_score >= _SURE or own.segment_index in unread]
    return sorted(kept, key=lambda item: item.segment_index)


def _overlap(one: SpokenEvidence, other: SpokenEvidence, segments: Sequence[Segment]) -> bool:
    """Whether two findings stand on some of the same words; one turn may hold several promises."""
    if one.segment_index != other.segment_index:
        return False
    text = segments[one.segment_index].text
    start, begin = text.find(one.quote), text.find(other.quote)
    return start < begin + len(other.quote) and begin < start + len(one.quote)


def _evidence(item: SpokenEvidence) -> SpokenEvidence:
    return SpokenEvidence(**item.model_dump(include=set(SpokenEvidence.model_fields)))


def _outcome(decisions: int, items: int, questions: int) -> str:
    counts = {"decision": decisions, "action item": items, "open question": questions}
    parts = [f"{count or 'no'} {noun}{'' if count == 1 else 's'}" for noun, count in counts.items()]
    return f"{', '.join(parts)}."
