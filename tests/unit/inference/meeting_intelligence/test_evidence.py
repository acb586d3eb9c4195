"""Properties of every analysis: what it cites stands in the transcript, where and when it says."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from besunny.inference.contracts.meeting_intelligence import MeetingAnswer, MeetingRequest, SpokenEvidence
from besunny.inference.meeting_intelligence.people import UNKNOWN
from besunny.inference.meeting_intelligence.service import analyze_meeting
from besunny.inference.meeting_intelligence.summary import MOST_EMBEDDED
from besunny.inference.meeting_intelligence.topic_names import MOST_PHRASES
from besunny.inference.meeting_intelligence.topics import MOST_BLOCKS, MOST_TOPICS
from besunny.inference.meeting_intelligence.words import tokens
from tests.unit.inference.meeting_intelligence.meetings import (
    NOW,
    TRANSCRIPTS,
    CountingEngine,
    analysis,
    analysis_of,
    request_of,
)

AMI = MeetingRequest.model_validate(json.loads((TRANSCRIPTS / "ami-ts3003c.json").read_text()))
WEEKLY = MeetingRequest.model_validate(
    {"transcript": (TRANSCRIPTS / "product-weekly.vtt").read_text(), "meeting_date": "2026-05-18"}
)


def cited(answer: MeetingAnswer) -> Iterator[SpokenEvidence]:
    yield from answer.action_items
    yield from answer.decisions_made
    yield from answer.open_questions
    for places in answer.sources.values():
        yield from places


def assert_true_to_source(request: MeetingRequest, answer: MeetingAnswer) -> None:
    for evidence in cited(answer):
        segment = request.segments[evidence.segment_index]
        assert evidence.quote
        assert evidence.quote in segment.text
        assert (evidence.speaker, evidence.timestamp) == (segment.speaker, segment.start_time)
    people = {*request.participants, *(segment.speaker for segment in request.segments)}
    for item in answer.action_items:
        # Minutes without speakers name people in what they say.
        written = people == {UNKNOWN} and any((item.assignee or "") in segment.text for segment in request.segments)
        assert item.assignee in people | {None} or written
    assert answer.coverage.share == 1.0
    assert answer.coverage.characters == sum(len(segment.text) for segment in request.segments)
    assert sum(p.share_of_talk for p in answer.participants_summary) <= 1.001
    for name, texts in (("key_points", answer.key_points), ("next_steps", answer.next_steps)):
        assert len(answer.sources[name]) == len(texts)


@pytest.mark.parametrize("request_", [AMI, WEEKLY], ids=["ami", "weekly"])
def test_real_meetings_are_cited_truly(request_: MeetingRequest) -> None:
    answer = analysis(request_)
    assert answer.action_items
    assert answer.decisions_made
    assert_true_to_source(request_, answer)


def test_every_word_written_was_said() -> None:
    said = {word for segment in AMI.segments for word in tokens(segment.text.replace(" '", "'"))}
    answer = analysis(AMI)
    topics = [word for topic in answer.topics_discussed for word in topic.keywords]
    for text in [answer.executive_summary, *answer.key_points, *answer.next_steps, *topics]:
        assert set(tokens(text)) <= said


_SAID = [
    "I'll send the report by Friday.", "can you check it, Bob?", "We decided to use the blue one", "um, uh",
    "{vocalsound}", "Who owns the budget?", "Agreed.", "Sure, will do.", "I'll ask \ue00099\ue001 to send it.",
    "we need to", ".", "?", "please call Anna", "好的。", "\n\n", "Dr. Lee's 3.5 percent...", "and then it was late",
]  # fmt: skip
_SPOKEN = st.lists(st.sampled_from(_SAID), min_size=1, max_size=6).map(" ".join)
_SEGMENT = st.fixed_dictionaries(
    {"speaker": st.sampled_from(["Anna", "Bob Lee", "", "Project Manager"]), "text": _SPOKEN},
    optional={"start_time": st.floats(0, 100), "end_time": st.floats(100, 200)},
)


@given(st.lists(_SEGMENT, min_size=1, max_size=12).filter(lambda s: any(x["text"].strip() for x in s)))
@settings(deadline=None)
def test_any_meeting_is_cited_truly(segments: list[dict[str, object]]) -> None:
    request = MeetingRequest.model_validate({"segments": segments, "meeting_date": "2026-05-18"})
    assert_true_to_source(request, analysis(request))


def test_two_meetings_have_two_answers_and_one_meeting_always_the_same() -> None:
    one, other = analysis(AMI), analysis(WEEKLY)
    for field in ("executive_summary", "key_points", "action_items", "decisions_made", "topics_discussed"):
        assert getattr(one, field) != getattr(other, field)
    assert analysis(AMI) == one


def test_the_answer_says_when_and_by_which_engine() -> None:
    answer = analyze_meeting(WEEKLY, CountingEngine(), now=NOW + timedelta(hours=1))
    assert (answer.engine.name, answer.analyzed_at) == ("counting", NOW + timedelta(hours=1))


def long_meeting(turns: int) -> MeetingRequest:
    return request_of(
        *(f"Speaker {i % 7}: Point {i} on matter {i * 37 % 1009} and the rooms of team {i % 83}." for i in range(turns))
    )


@pytest.mark.parametrize("turns", [2_000, 15_000])
def test_work_on_the_engine_does_not_grow_with_the_meeting(turns: int) -> None:
    engine = CountingEngine()
    answer = analyze_meeting(long_meeting(turns), engine, now=NOW)
    assert engine.texts <= MOST_BLOCKS + MOST_TOPICS * MOST_PHRASES + MOST_EMBEDDED
    assert engine.longest <= 600
    assert answer.coverage.share == 1.0
    assert len(answer.executive_summary.split()) < 200
    assert len(answer.topics_discussed) <= 10


def test_a_sentence_over_two_cues_is_one_and_is_quoted_where_its_verb_stands() -> None:
    item = analysis(WEEKLY).action_items[0]
    assert item.text == "Bob, can you send me the crash report by Friday, so that we can review it together?"
    assert (item.quote, item.segment_index) == ("Okay, um, Bob, can you send me the crash report by", 2)
    assert (item.assignee, str(item.due_date)) == ("Bob Lee", "2026-05-22")


def test_the_later_cue_is_quoted_where_the_verb_stands_there() -> None:
    cues = [
        ("Okay Bob, as we said last week, could you", 1, 3),
        ("please review the vendor contract tomorrow?", 3, 5),
    ]
    segments = [{"speaker": "Anna", "text": text, "start_time": a, "end_time": b} for text, a, b in cues]
    request = MeetingRequest.model_validate({"segments": segments, "participants": ["Bob"]})
    (item,) = analysis(request).action_items
    assert (item.quote, item.segment_index, item.timestamp) == (cues[1][0], 1, 3.0)
    assert item.text == "Okay Bob, as we said last week, could you please review the vendor contract tomorrow?"


def test_what_the_answer_cannot_know_is_noted() -> None:
    german = " ".join(["Wir haben heute über den neuen Vertrag gesprochen und müssen ihn noch prüfen."] * 6)
    notes = " ".join(analysis_of(german).notes)
    assert "English (`de`)" in notes
    assert "Unknown" in notes
    assert "time" not in notes
    assert analysis(WEEKLY).notes == []


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("Guten Morgen. Wir müssen den Vertrag bis Freitag prüfen.", "de"),
        ("契約書を金曜日までに送ってください。", "ja"),
        ("Vi måste skicka avtalet imorgon.", "sv"),
        ("Musimy wysłać umowę do piątku.", "pl"),
        ("Bunu yarın konuşalım.", "tr"),
    ],
)
def test_a_short_meeting_in_another_language_is_noted(said: str, code: str) -> None:
    assert f"`{code}`" in " ".join(analysis_of(f"Anna: {said}").notes)


def test_a_language_that_the_caller_names_is_noted_whatever_it_looks_like() -> None:
    assert "`sw`" in " ".join(analysis_of("Anna: Habari", language="sw").notes)
