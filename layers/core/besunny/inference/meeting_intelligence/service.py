"""Meeting intelligence as one pure function over an engine."""

from collections.abc import Sequence
from datetime import datetime
from itertools import islice, pairwise

from besunny.inference.contracts.common import Coverage
from besunny.inference.contracts.meeting_intelligence import (
    ActionItem,
    Decision,
    MeetingAnswer,
    MeetingRequest,
    OpenQuestion,
    Segment,
)
from besunny.inference.engines.action_intent import action_intent
from besunny.inference.engines.protocol import Engine
from besunny.inference.meeting_intelligence import sentiment
from besunny.inference.meeting_intelligence.action_items import action_items
from besunny.inference.meeting_intelligence.answers import answers
from besunny.inference.meeting_intelligence.decisions import decisions
from besunny.inference.meeting_intelligence.key_points import key_points
from besunny.inference.meeting_intelligence.next_steps import next_steps
from besunny.inference.meeting_intelligence.open_questions import open_questions
from besunny.inference.meeting_intelligence.own_words import own_words
from besunny.inference.meeting_intelligence.participants import summarise
from besunny.inference.meeting_intelligence.people import UNKNOWN, People
from besunny.inference.meeting_intelligence.sentences import Sentence, evidence, sentences
from besunny.inference.meeting_intelligence.summary import Candidate, candidates, pick
from besunny.inference.meeting_intelligence.topics import topics
from besunny.inference.meeting_intelligence.written_lists import written_names
from besunny.inference.text.language import KNOWN, language

SUMMARY_WORDS = (30, 130)  # of a short and of a long meeting; a third of what was said between them
_AN_HOUR, _A_DAY = 3600, 86_400  # seconds
_READ_FOR_LANGUAGE = 2000  # sentences


def analyze_meeting(request: MeetingRequest, engine: Engine, *, now: datetime) -> MeetingAnswer:
    """What came out of a meeting, each finding with the place in `request.segments` it stands on.

    Args:
        engine: embeds the stretches that topics are cut from, phrases to name them, and the sentences worth a
            summary; a bounded number of each, however long the meeting;
            and every sentence where `request.questions` ask for it.
        now: goes into the answer as `analyzed_at`; due dates are resolved against `request.meeting_date` alone.
    """
    segments = request.segments
    spoken = sentences(segments)
    people = People([*request.participants, *written_names(spoken)], [segment.speaker for segment in segments])
    found = candidates(spoken, engine)
    summary = pick(found, words=_summary_words(found))
    subjects = topics(spoken, segments, engine)
    points = key_points(found, summary, subjects)
    meant = own_words(spoken, segments, people)
    actions = action_items(meant, segments, people, request.meeting_date, action_intent)
    settled = decisions(meant, segments)
    unanswered = open_questions(meant, segments)
    steps = next_steps(spoken, actions)
    return MeetingAnswer(
        meeting_id=request.meeting_id,
        executive_summary=" ".join(_sentence(c.sentence) for c in summary),
        key_points=[_sentence(c.sentence) for c in points],
        action_items=actions,
        decisions_made=settled,
        next_steps=[_sentence(sentence) for sentence in steps],
        participants_summary=summarise(segments, request.participants),
        sentiment_overall=sentiment.overall(spoken),
        topics_discussed=subjects,
        meeting_outcome=_outcome(actions, settled, unanswered),
        open_questions=unanswered,
        answers=answers(request.questions, spoken, segments, engine),
        sources={
            "executive_summary": [evidence(c.sentence, segments) for c in summary],
            "key_points": [evidence(c.sentence, segments) for c in points],
            "next_steps": [evidence(sentence, segments) for sentence in steps],
        },
        notes=_notes(request, spoken, actions),
        coverage=_coverage(segments, spoken),
        engine=engine.info,
        analyzed_at=now,
    )


def _summary_words(found: Sequence[Candidate]) -> int:
    fewest, most = SUMMARY_WORDS
    return max(fewest, min(most, sum(candidate.words for candidate in found) // 3))


def _sentence(sentence: Sentence) -> str:
    return sentence.text if sentence.text[-1] in ".?!…。！？" else sentence.text + "."


def _outcome(actions: Sequence[ActionItem], settled: Sequence[Decision], unanswered: Sequence[OpenQuestion]) -> str:
    unowned = sum(item.assignee is None for item in actions)
    owners = f" ({unowned} without an owner)" if unowned else ""
    return (
        f"{_count(len(settled), 'decision')}, {_count(len(actions), 'action item')}{owners}, "
        f"{_count(len(unanswered), 'open question')}."
    )


def _count(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"


def _notes(request: MeetingRequest, spoken: Sequence[Sentence], actions: Sequence[ActionItem]) -> list[str]:
    notes = []
    relative = sum(item.due_said is not None and item.due_date is None for item in actions)
    if request.meeting_date is None and relative:
        notes.append(
            f"`meeting_date` was not given: {_count(relative, 'due date')} said relative to it could not be resolved "
            "(`due_said` holds the words, `due_date` is null)."
        )
    tongue = _language(request, spoken)
    if tongue not in KNOWN:
        notes.append(
            "Action items, decisions and open questions are found by English wording, and this does not look like "
            f"English (`{tongue}`): they are likely incomplete."
        )
    if any(segment.speaker == UNKNOWN for segment in request.segments):
        notes.append(f"Turns without a speaker are counted as {UNKNOWN}.")
    notes += _notes_on_times([segment.start_time for segment in request.segments])
    return notes


def _language(request: MeetingRequest, spoken: Sequence[Sentence]) -> str:
    """What the caller says it is, unless that is English, which it is by default; then what it looks like."""
    if not request.language.lower().startswith(("en", "und")):
        return request.language
    return language(" ".join(sentence.raw for sentence in islice(spoken, _READ_FOR_LANGUAGE)))


def _notes_on_times(starts: Sequence[float | None]) -> list[str]:
    """What is odd about the times; nothing where there are none at all."""
    known = [start for start in starts if start is not None]
    notes = []
    if 0 < len(known) < len(starts):
        notes.append("Some turns have no start time: their timestamps are null.")
    if any(after < before for before, after in pairwise(known)):
        notes.append("Some turns start before the turn above them: they were read in the order in which they stand.")
    if known and _AN_HOUR <= min(known) < _A_DAY:
        notes.append(
            "The first turn is hours after 00:00: its times seem to be times of the day, and so are the timestamps, "
            "in seconds from midnight."
        )
    return notes


def _coverage(segments: Sequence[Segment], spoken: Sequence[Sentence]) -> Coverage:
    """What no sentence holds was not read, but for white space."""
    total = sum(len(segment.text) for segment in segments)
    unread = sum(_ink(segment.text) for segment in segments) - sum(_ink(sentence.raw) for sentence in spoken)
    return Coverage.of(total, total - unread)


def _ink(text: str) -> int:
    return sum(map(len, text.split()))
