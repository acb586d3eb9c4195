"""Which passages answer a question: those that speak of it, by words, meaning, speaker, and their neighbours."""

import numpy as np
import pytest

from besunny.inference.text.relevance import passages, relevance
from besunny.inference.text.relevance_features import Question
from tests.unit.inference.meeting_intelligence.meetings import CountingEngine

TURNS = [
    ("Anna", "Good morning everyone, shall we begin?"),
    ("Bob", "The weather on the island was lovely last weekend."),
    ("Anna", "The battery of the remote control must last two years."),
    ("Bob", "A rechargeable battery with a docking station would be too expensive for the remote control."),
    ("Anna", "Lunch comes at noon, and the sandwiches have cheese."),
    ("Eve", "I painted the kitchen yellow, and my sister likes it."),
]


def scores(question: str, turns: list[tuple[str, str]] = TURNS) -> list[float]:
    engine = CountingEngine()
    asked = passages([[text] for _, text in turns], engine, [name for name, _ in turns])
    return relevance(question, asked, engine).tolist()


def test_turns_that_speak_of_it_come_first() -> None:
    found = scores("What was said on the battery of the remote control?")
    assert set(np.argsort(found)[-2:]) == {2, 3}


def test_scores_are_shares_and_one_a_passage() -> None:
    found = scores("Which battery?")
    assert len(found) == len(TURNS)
    assert all(0 <= score <= 1 for score in found)


def test_a_question_on_nothing_that_was_said_scores_lower() -> None:
    assert max(scores("How do volcanoes erupt under glaciers?")) < max(scores("How long must the battery last?"))


@pytest.mark.parametrize(
    ("text", "subject", "speakers"),
    [
        ("What did Bob think about the battery?", "battery", {"Bob"}),
        ("Summarize the discussion about the docking station.", "docking station", set()),
        ("What did the Project Manager say on cost?", "cost", {"Project Manager"}),
        ("Why?", "why", set()),
    ],
)
def test_a_question_is_taken_apart(text: str, subject: str, speakers: set[str]) -> None:
    question = Question.of(text, ["Anna", "Bob", "Project Manager"])
    assert (question.subject, set(question.speakers)) == (subject, speakers)


def test_one_passage_and_a_question_of_no_words() -> None:
    (score,) = scores("?", TURNS[:1])
    assert 0 <= score <= 1


def test_passages_are_embedded_once_however_many_questions() -> None:
    engine = CountingEngine()
    asked = passages([[text] for _, text in TURNS], engine)
    assert engine.texts == len(TURNS)
    relevance("Which battery?", asked, engine)
    assert engine.texts == len(TURNS) + 2
