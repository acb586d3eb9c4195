"""Questions on a meeting: answered with places that stand in it, or not at all."""

import pytest
from pydantic import ValidationError

from besunny.inference.contracts.meeting_intelligence import MeetingRequest
from tests.unit.inference.meeting_intelligence.meetings import analysis, request_of

LINES = (
    "Anna: Good morning everyone, shall we begin?",
    "Bob: The weather on the island was lovely. I swam.",
    "Anna: So the battery. I like it. The battery of the remote control must last two years.",
    "Bob: A rechargeable battery would be too expensive for the remote control.",
    "Eve: I painted the kitchen yellow, and my sister likes it.",
)


def test_an_answer_quotes_the_place_that_speaks_of_it() -> None:
    request = request_of(
        *LINES, questions=["How long must the battery of the remote control last?", "Who likes the volcano?"]
    )
    known, unknown = analysis(request).answers
    assert (known.question, unknown.question) == (request.questions[0], request.questions[1])
    assert unknown.segments == []
    best = known.segments[0]
    assert best.quote == "The battery of the remote control must last two years."
    assert (best.segment_index, best.end_segment_index, best.speaker) == (2, 2, "Anna")
    assert [place.score for place in known.segments] == sorted((p.score for p in known.segments), reverse=True)
    for place in known.segments:
        assert place.quote in request.segments[place.segment_index].text


def test_nothing_is_answered_where_nothing_is_asked() -> None:
    assert analysis(request_of(*LINES)).answers == []


@pytest.mark.parametrize("questions", [[""], ["x" * 501], ["why?"] * 21, "why?"])
def test_what_cannot_be_asked(questions: object) -> None:
    with pytest.raises(ValidationError, match="questions"):
        MeetingRequest.model_validate({"transcript": "Anna: hello", "questions": questions})


def test_a_turn_among_answers_that_says_nothing_of_it_is_not_quoted() -> None:
    battery = ("Anna: The battery of the remote control lasts long.", "Eve: A battery for the remote control, then.")
    request = request_of(*battery, "Bob: Sandwiches come with cheese.", *battery, questions=["Which battery?"])
    (answer,) = analysis(request).answers
    assert answer.segments
    assert 2 not in {place.segment_index for place in answer.segments}
