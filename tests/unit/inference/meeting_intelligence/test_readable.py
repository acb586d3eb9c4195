"""What stands in the notes can be read by itself and tells something: no halves of sentences, no greetings."""

import pytest

from besunny.inference.contracts.meeting_intelligence import MeetingRequest
from besunny.inference.meeting_intelligence.clean import clean
from besunny.inference.meeting_intelligence.informative import information
from besunny.inference.meeting_intelligence.readable import is_sentence
from tests.unit.inference.meeting_intelligence.meetings import TRANSCRIPTS, analysis, analysis_of

TALK = (
    "Ann: Good morning everybody, thanks for coming, I hope you all had a good weekend.",
    "Bob: Yeah, it was great, thanks, we went to the lake with the kids.",
    "Ann: Okay so let's get started with the agenda for today.",
    "Carla: Checkout conversion fell from 3.2 to 2.7 percent after the March release.",
    "Bob: I think that's because of the new address form, it takes two more clicks.",
    "Ann: Right, so we decided to roll back the address form this week.",
    "Carla: For the new screen of the second shop, maybe.",
    "Carla: The budget for the autumn campaign is 40,000 euros, and marketing wants ten more.",
    "Ann: We can't give them more than 45,000 in total, that's final.",
    "Bob: The hosting contract with Northwind ends on June 30.",
    "Carla: Can you hear me? I think my microphone has a problem.",
    "Ann: Great, thanks everyone, have a nice day, see you next week.",
)


@pytest.mark.parametrize(
    "text",
    [
        "Payment errors went down to two percent last week.",
        "Ship the release on Friday and tell Bob.",
        "The hosting contract with Northwind ends on June 30.",
        "They raised the price by 18 percent.",
        "If we miss Friday we lose the slot.",
        "When the client signs, legal files the papers.",
        "If you're left-handed you're on the wrong side of it.",
        "Who owns the rollout?",
        "Sales doubled in the second quarter.",
        "As of today the old API is off.",
        "It's a pity.",
    ],
)
def test_sentences_are_told(text: str) -> None:
    assert is_sentence(text)


@pytest.mark.parametrize(
    "text",
    [
        "Finding an attractive way to control the remote control.",
        "For the L_C_D_ screen.",
        "Menu for the L_C_D_ screen.",
        "The multi-stream tandem for the first proposal.",
        "To try to get rid of some of the effects.",
        "Because I think it's more realistic.",
        "Which might be noises that are closer to speech.",
        "Which is of course part of the back, because it's also titanium.",
        "That the output of the belief-net is pretty well formed.",
        "The what we have to get through is the prototype.",
        "We I was thinking of the first frames.",
        "",
    ],
)
def test_halves_and_restarts_are_told(text: str) -> None:
    assert not is_sentence(text)


def test_outcomes_and_figures_tell_more_than_the_talk_itself() -> None:
    telling = ["We agreed on a budget of 40,000 euros.", "The main problem is the form.", "Bob tests it by Friday."]
    talk = ["Good morning everyone.", "Let's move on to the next slide.", "Can you hear me now?"]
    assert min(map(information, telling)) > 0 > max(map(information, talk))


def test_notes_of_a_short_meeting_keep_what_it_told_and_leave_the_greetings() -> None:
    answer = analysis_of(*TALK)
    notes = " ".join([answer.executive_summary, *answer.key_points])
    assert all(figure in notes for figure in ("2.7 percent", "roll back", "40,000", "45,000", "June 30"))
    assert not any(words in notes for words in ("agenda", "morning", "weekend", "hear me", "nice day", "second shop"))
    assert not set(answer.key_points) & set(answer.executive_summary.split(". "))


def test_a_meeting_of_nothing_but_greetings_has_no_key_points() -> None:
    lines = [line for line in TALK if any(word in line for word in ("morning", "agenda", "hear me", "nice day"))]
    assert analysis_of(*lines).key_points == []


@pytest.mark.parametrize(("text", "label"), [("Hello everyone, it is me again now!", "Hello everyone, it is me again")])
def test_a_topic_is_never_without_a_name(text: str, label: str) -> None:
    (topic,) = analysis_of(f"Ann: {text}").topics_discussed
    assert topic.label == label


def test_a_long_meeting_is_summed_up_in_whole_sentences() -> None:
    answer = analysis(MeetingRequest.model_validate_json((TRANSCRIPTS / "ami-ts3003c.json").read_text()))
    sources = answer.sources["executive_summary"]
    told = [clean(source.quote) for source in sources if source.quote.endswith((".", "?"))]
    assert len(told) > 3
    assert all(map(is_sentence, told))


def test_then_at_the_head_of_a_sentence_goes_where_it_ties_to_nothing() -> None:
    assert clean("Then the question is who pays.") == "The question is who pays."
    assert clean("Then do we ship it?") == "Then do we ship it?"
