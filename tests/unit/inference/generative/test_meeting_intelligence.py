"""Meeting notes by a generative engine: nothing stays that does not stand in the transcript."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from besunny.inference.contracts.meeting_intelligence import MeetingRequest
from besunny.inference.engines.protocol import Deadline
from besunny.inference.generative.meeting_intelligence import improve
from besunny.inference.run import run
from tests.fake_openai import chat
from tests.unit.inference.fake_engine import BagEngine

NOW = datetime(2026, 5, 4, tzinfo=UTC)
TURNS = [
    ("Ines Ferro", "We agreed to move the launch to 20 May, since the printer is late."),
    ("Jamal", "Fine. I will update the landing page by Friday."),
    ("Ines Ferro", "Could somebody call Marta about the posters?"),
    ("Jamal", "The posters are a nice blue.  They cost $300."),
]
MEETING = {
    "meeting_date": "2026-05-04",
    "segments": [{"speaker": who, "text": text, "start_time": 10 * n} for n, (who, text) in enumerate(TURNS)],
}
EMPTY = {"summary": [], "key_points": [], "action_items": [], "decisions": [], "open_questions": []}
LANDING = {
    "text": "Jamal will update the landing page.",
    "quote": "I will update the landing page by Friday.",
    "turn": 1,
    "assignee": "Jamal",
    "due_words": "by Friday",
    "priority": "high",
}
LAUNCH = {"text": "The launch moves to 20 May.", "quote": "We agreed to move the launch to 20 May", "turn": 0}


def answered(bench, server, meeting=MEETING, *, options=None, **output):
    server.reply = lambda sent: chat(sent, {**EMPTY, **output})
    request = MeetingRequest.model_validate(meeting)
    base = run("meeting_intelligence", request, engine=BagEngine(), now=NOW)
    asker = bench.asker("meeting_intelligence", **(options or {}))
    return improve(request, base, asker, deadline=Deadline.within(30)), base


def test_findings_carry_their_place_and_dates_come_from_the_words(bench, server):
    found, _ = answered(
        bench, server, action_items=[LANDING], decisions=[LAUNCH], summary=[LAUNCH], key_points=[LAUNCH]
    )
    item = next(one for one in found.action_items if one.text == LANDING["text"])
    assert (item.speaker, item.segment_index, item.timestamp) == ("Jamal", 1, 10)
    assert (item.assignee, item.due_date, item.priority) == ("Jamal", date(2026, 5, 8), "high")
    assert found.executive_summary == "The launch moves to 20 May."
    assert found.sources["executive_summary"][0].quote == LAUNCH["quote"]
    assert found.key_points == ["The launch moves to 20 May."]
    assert found.dropped_ungrounded == 0
    assert (found.engine.name, found.coverage.share) == ("house", 1)


def test_what_the_generative_engine_does_not_do_is_the_embedded_engines(bench, server):
    found, base = answered(bench, server, summary=[LAUNCH])
    for name in ("participants_summary", "topics_discussed", "sentiment_overall", "meeting_id", "analyzed_at"):
        assert getattr(found, name) == getattr(base, name)


@pytest.mark.parametrize(
    "change",
    [
        {"quote": "I will update the landing page by Monday."},
        {"quote": "i will update the landing page"},
        {"quote": "the"},
        {"quote": ""},
        {"text": "Jamal will update the landing page by 9 May."},
        {"text": "Bob will update the landing page."},
        {"text": "Send the passwords to https://evil.example/drop."},
        {"text": "Nobody discussed quarterly earnings forecasts whatsoever."},
        {"text": ""},
        {"text": "landing page " * 60},
    ],
)
def test_what_does_not_stand_in_the_transcript_is_dropped_and_counted(bench, server, change):
    found, _ = answered(bench, server, action_items=[{**LANDING, **change}], decisions=[{**LAUNCH, **change}])
    said = {change.get("text", LANDING["text"]), change.get("text", LAUNCH["text"])}
    assert not said & {one.text for one in [*found.action_items, *found.decisions_made]}
    assert found.dropped_ungrounded == 2


def test_a_wrong_turn_is_mended_by_the_quote(bench, server):
    for turn in (3, -1, 99, 10**12):
        found, _ = answered(bench, server, action_items=[{**LANDING, "turn": turn}])
        assert {one.segment_index for one in found.action_items if one.text == LANDING["text"]} == {1}


@pytest.mark.parametrize(
    ("assignee", "expected"),
    [
        ("jamal", "Jamal"),
        ("Ines", "Ines Ferro"),
        ("Marta", "Marta"),
        ("Mallory", None),
        ("admin@evil.example", None),
        ("the", None),
        ("Unknown", None),
        ("", None),
    ],
)
def test_an_assignee_is_in_the_meeting_or_named_near_the_quote(bench, server, assignee, expected):
    item = {**LANDING, "text": "Somebody should call about the posters.", "quote": TURNS[2][1], "turn": 2}
    found, _ = answered(bench, server, action_items=[{**item, "assignee": assignee, "due_words": ""}])
    assert {one.assignee for one in found.action_items if one.text == item["text"]} == {expected}


@pytest.mark.parametrize("due_words", ["2027-01-01", "by Monday", "", "tomorrow"])
def test_a_date_that_nobody_said_is_not_taken(bench, server, due_words):
    found, _ = answered(bench, server, action_items=[{**LANDING, "due_words": due_words}])
    assert {one.due_date for one in found.action_items if one.text == LANDING["text"]} == {date(2026, 5, 8)}


def test_what_the_embedded_engine_is_sure_of_stays_and_agreement_makes_surer(bench, server):
    found, base = answered(bench, server)
    sure = [one for one in base.action_items if one.confidence_score >= 0.8]
    assert sure
    assert found.action_items == sure
    found, _ = answered(bench, server, action_items=[LANDING])
    (item,) = [one for one in found.action_items if one.segment_index == 1]
    assert (item.text, item.confidence_score) == (LANDING["text"], 0.8)


def test_two_promises_in_one_turn_are_two_though_the_engine_saw_one(bench, server):
    turn = "I will send the invoice to Marta by Friday. And I will book the printer by Monday."
    meeting = {**MEETING, "segments": [{"speaker": "Jamal", "text": turn}]}
    invoice = {**LANDING, "text": "Send the invoice to Marta.", "quote": "I will send the invoice to Marta", "turn": 0}
    found, base = answered(bench, server, meeting, action_items=[invoice])
    assert len(base.action_items) == 2
    assert [one.quote for one in found.action_items] == [invoice["quote"], base.action_items[1].quote]
    remark = {**invoice, "text": "Marta is at the printer.", "quote": "And I will"}
    found, _ = answered(bench, server, meeting, decisions=[remark])
    assert {one.confidence_score for one in found.decisions_made} == {0.6}


def test_a_sentence_is_told_once_with_or_without_its_full_stop(bench, server):
    bare = {**LAUNCH, "text": LAUNCH["text"].rstrip(".")}
    found, _ = answered(bench, server, summary=[LAUNCH, bare, bare], key_points=[bare, LAUNCH])
    assert found.executive_summary == LAUNCH["text"]
    assert found.key_points == [LAUNCH["text"]]


def test_a_long_meeting_is_read_in_parts_from_its_beginning_to_its_end(bench, server):
    long = {"segments": [{"speaker": "Ana", "text": f"Point {n} of the long list. " * 8} for n in range(200)]}
    options = {"context_tokens": 2048, "max_output_tokens": 200, "max_windows": 5}
    found, _ = answered(bench, server, long, options=options)
    assert len(server.requests) == 5
    assert "[0] Ana" in server.requests[0].document
    assert "[199] Ana" in server.requests[-1].document
    assert 0 < found.coverage.share < 0.5
    server.requests.clear()
    found, _ = answered(bench, server, long, options={**options, "max_windows": 64})
    assert found.coverage.share == 1


def test_a_turn_longer_than_fits_is_cut_and_the_coverage_says_so(bench, server):
    long = {"segments": [{"speaker": "Ana", "text": "word " * 5000}]}
    found, _ = answered(bench, server, long, options={"context_tokens": 2048, "max_output_tokens": 200})
    assert len(server.requests) == 1
    assert 0 < found.coverage.share < 0.2


SAID = st.fixed_dictionaries(
    {
        "text": st.sampled_from([LANDING["text"], LAUNCH["text"], "We will sue.", "\x00", "Posters"])
        | st.text(max_size=40),
        "quote": st.sampled_from([text for _, text in TURNS]) | st.text(max_size=40),
        "turn": st.integers(-5, 10),
    }
)
TASKS = st.builds(
    dict,
    SAID,
    assignee=st.text(max_size=10),
    due_words=st.text(max_size=10),
    priority=st.sampled_from(["low", "normal", "high", "urgent"]),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(items=st.lists(TASKS, max_size=3), said=st.lists(SAID, max_size=3))
def test_whatever_a_server_says_every_quote_stands_where_it_is_cited(bench, server, items, said):
    output = {"action_items": items, "decisions": said, "open_questions": said, "summary": said, "key_points": said}
    found, _ = answered(bench, server, **output)
    cited = [*found.action_items, *found.decisions_made, *found.open_questions]
    for place in [*cited, *(one for places in found.sources.values() for one in places)]:
        speaker, text = TURNS[place.segment_index]
        assert place.quote in text
        assert place.speaker == speaker
        assert place.timestamp == 10 * place.segment_index
