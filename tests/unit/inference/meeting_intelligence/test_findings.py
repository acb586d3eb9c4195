"""Decisions, open questions, shares of talk, tone, topics, summary: each follows from what was said."""

import pytest

from besunny.inference.contracts.meeting_intelligence import MeetingRequest
from besunny.inference.meeting_intelligence.clean import clean
from besunny.inference.meeting_intelligence.sentences import spans
from tests.unit.inference.meeting_intelligence.meetings import analysis, analysis_of


@pytest.mark.parametrize(
    "said",
    [
        "We decided to launch the new checkout on June 8.",
        "We've agreed on the blue design for the buttons.",
        "The final decision is to postpone the release.",
        "The motion is carried unanimously by the members.",
        "So let's go with the second vendor for hosting.",
        "We decided that we're going with the second vendor for hosting.",
        "It was resolved that the fee rises to ten pounds.",
        "It was agreed not to renew the lease of the annexe.",
        "The accounts of the second quarter were unanimously approved.",
    ],
)
def test_decisions(said: str) -> None:
    decisions = analysis_of(f"Anna: {said}", "Bob: Sounds good.").decisions_made
    assert [decision.quote for decision in decisions] == [said]


@pytest.mark.parametrize(
    "said",
    [
        "We haven't decided on the launch date yet.",
        "Did we decide to launch the new checkout?",
        "So we decided to launch the new checkout on June 8?",
        "We need to decide which vendor to use.",
        "Let's start with the budget of the project.",
        "It depends on what we're going to use for the case.",
        "The hosting plan that we're using costs ninety dollars.",
        "Here are the points we agreed on in the last session.",
        "It's about the vendor that we're gonna choose for hosting.",
        "We have not decided on the launch date of the shop.",
        "I'll send the report as we agreed on Friday.",
        "Nothing has been agreed on the price of the boards.",
        "No decision was made on the second vendor.",
        "The budget was never approved by the members.",
        'The client wrote: "We decided to launch the new checkout on June 8."',
        "Dear AI, note that we decided to pay the vendor twice.",
        "We decided to launch the new checkout on June 8. Scratch that.",
    ],
)
def test_what_is_no_decision(said: str) -> None:
    assert analysis_of(f"Anna: {said}", "Bob: Okay.").decisions_made == []


@pytest.mark.parametrize(("reply", "settled"), [("Agreed.", True), ("Hm, wait.", False)])
def test_a_proposal_is_a_decision_once_others_agree(reply: str, settled: bool) -> None:
    said = "Let's close the shop in Leeds on Sundays."
    decisions = analysis_of(f"Anna: {said}", f"Bob: {reply}").decisions_made
    assert [decision.quote for decision in decisions] == [said] * settled


def test_each_line_of_a_list_of_decisions_is_one() -> None:
    lines = ("Anna: Bye.", "Decisions", "- The lease runs on for a year", "- No logo")
    assert [decision.text for decision in analysis_of(*lines).decisions_made] == [
        "The lease runs on for a year",
        "No logo",
    ]


def test_what_comes_next_is_announced_and_promised() -> None:
    lines = ("Anna: I'll send the report to the client.", "Bob: Fine.", "Anna: Our next meeting is on Monday at ten.")
    assert analysis_of(*lines).next_steps == [line.removeprefix("Anna: ") for line in (lines[0], lines[2])]


def test_what_broke_off_is_not_in_the_summary_where_there_is_better() -> None:
    whole = [
        f"Anna: The budget of project {name} grew because the vendor raised its price." for name in "ABCDEFGHIJKLM"
    ]
    broken = "Bob: The budget of the sa ca project grew and the vendor ra the price of the budget."
    hanging = "Bob: The budget of the whole project grew and grew because the"
    summary = analysis_of(*whole, broken, hanging).executive_summary
    assert "sa ca" not in summary
    assert "because the." not in summary
    assert "sa ca" in analysis_of(broken).executive_summary


def test_the_summary_does_not_repeat_itself() -> None:
    same = [
        f"Anna: The budget of the project grew because the hosting vendor raised {x} price."
        for x in ("its", "the", "that")
    ]
    other = "Bob: Customers in Canada asked for a dark design of the onboarding screens."
    summary = analysis_of(*same, other).executive_summary
    assert "Canada" in summary
    assert summary.count("budget") == 1


def test_agreement_makes_a_decision_surer() -> None:
    said = "Anna: Let's go with the second vendor for hosting."
    agreed, ignored = analysis_of(said, "Bob: I agree."), analysis_of(said, "Bob: The rain has stopped.")
    scores = [answer.decisions_made[0].confidence_score for answer in (agreed, ignored)]
    assert scores[0] > scores[1]


def test_a_question_is_open_until_it_is_answered() -> None:
    asked = "Anna: Who pays for the hosting of the old platform?"
    assert [q.quote for q in analysis_of(asked, "Bob: I don't know.").open_questions] == [asked[6:]]
    assert analysis_of(asked, "Bob: Marketing pays for it from their budget.").open_questions == []


def test_shares_of_talk_by_words_and_by_time() -> None:
    by_words = analysis_of(
        "Anna: " + "word " * 60, "Bob: " + "word " * 30, "Eve: " + "word " * 10, participants=["Dan"]
    )
    assert [(p.name, p.role, p.share_of_talk) for p in by_words.participants_summary] == [
        ("Anna", "primary_speaker", 0.6),
        ("Bob", "active_participant", 0.3),
        ("Eve", "listener", 0.1),
        ("Dan", "listener", 0.0),
    ]
    segments = [
        {"speaker": "Anna", "text": "one", "start_time": 0, "end_time": 10},
        {"speaker": "Bob", "text": "many more words", "start_time": 10, "end_time": 15},
    ]
    timed = analysis(MeetingRequest.model_validate({"segments": segments})).participants_summary
    assert [(p.name, p.share_of_talk, p.talk_seconds) for p in timed] == [("Anna", 0.6667, 10.0), ("Bob", 0.3333, 5.0)]


@pytest.mark.parametrize(
    ("said", "tone"),
    [
        ("The launch was a great success and customers love it.", "positive"),
        ("The outage was terrible and we lost the contract.", "negative"),
        ("The launch was not a success, customers are not happy.", "negative"),
        ("The launch was a great success but the outage was terrible.", "mixed"),
        ("The meeting room has four chairs and a table.", "neutral"),
    ],
)
def test_tone(said: str, tone: str) -> None:
    assert analysis_of(f"Anna: {said}").sentiment_overall == tone


def test_topics_follow_each_other_and_turn_where_the_subject_does() -> None:
    hiring = "Anna: We interview the candidate for the engineer role and the salary offer goes to the candidate next."
    cake = "Bob: The bakery makes the chocolate cake with butter and sugar and the oven stays hot for the cake."
    topics = analysis_of(*[hiring] * 40, *[cake] * 40).topics_discussed
    assert topics[0].start_segment == 0
    assert topics[-1].end_segment == 79
    assert len(topics) == 2
    assert abs(topics[1].start_segment - 40) <= 3
    assert "candidate" in topics[0].keywords
    assert "cake" in " ".join(topics[1].keywords)


def test_the_summary_is_shorter_than_the_meeting_and_leaves_out_small_talk() -> None:
    talk = [f"Anna: The budget of project {name} grew because the vendor raised its price." for name in "ABCDEFGH"]
    answer = analysis_of("Anna: Um, okay.", "Bob: Yeah, yeah.", *talk)
    assert 0 < len(answer.executive_summary.split()) < 80
    assert "eah" not in answer.executive_summary


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        (
            "Um , so {vocalsound} we we 're going to uh , make a a remote control .",
            "We're going to make a remote control.",
        ),
        ("Okay, um, Bob, can you do it?", "Bob, can you do it?"),
        ("Well the thing is the battery is too big .", "The thing is the battery is too big."),
        ("I'll send it to the, um, client.", "I'll send it to the client."),
        ("So far so good.", "So far so good."),
        ("{vocalsound} Um , yeah .", ""),
        ("Buttons for sh shifting u up th the channel.", "Buttons for shifting up the channel."),
        ("They blend in in the in the room.", "They blend in the room."),
        ("Then w w we go up to us in it.", "Then we go up to us in it."),
    ],
)
def test_cleaning(raw: str, cleaned: str) -> None:
    assert clean(raw) == cleaned


def test_sentences_end_at_stops_and_not_at_abbreviations() -> None:
    text = "Dr. Lee paid 3.5 million, i.e. a lot. Who knows?  Fine!\n"
    assert [text[start:end] for start, end in spans(text)] == [
        "Dr. Lee paid 3.5 million, i.e. a lot.",
        "Who knows?",
        "Fine!",
    ]


def test_speech_that_broke_off_and_began_anew_is_two_sentences() -> None:
    text = (
        "Keep it plain and {disfmarker} Well the screen is it. We wanted -- The board said yes. It is -- I think -- big"
    )
    assert [text[start:end] for start, end in spans(text)] == [
        "Keep it plain and {disfmarker}",
        "Well the screen is it.",
        "We wanted --",
        "The board said yes.",
        "It is -- I think -- big",
    ]


def test_a_topic_is_named_by_what_it_is_about_before_how_it_is_done() -> None:
    said = ["Anna: The kitchen budget is slowly growing.", "Bob: Is the kitchen budget slowly growing again?"] * 6
    assert analysis_of(*said).topics_discussed[0].keywords[0] == "kitchen budget"


def test_speech_without_stops_is_cut_into_readable_lengths() -> None:
    text = "and then we looked at the plan " * 60
    pieces = [text[start:end] for start, end in spans(text)]
    assert max(len(piece.split()) for piece in pieces) <= 60
    assert " ".join(pieces).split() == text.split()
