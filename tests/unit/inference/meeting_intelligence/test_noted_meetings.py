"""Nine meetings with what people noted of them: nothing is cited falsely, little is invented, most is found."""

import pytest

from benchmarks.quality.meeting_findings import KEPT, Noted, agreeing, noted_meetings, score
from besunny.inference.meeting_intelligence.people import UNKNOWN
from tests.unit.inference.meeting_intelligence.meetings import analysis
from tests.unit.inference.meeting_intelligence.test_evidence import assert_true_to_source

MEETINGS = noted_meetings()


@pytest.mark.parametrize("meeting", MEETINGS, ids=lambda meeting: meeting.name)
def test_what_is_found_is_cited_truly(meeting: Noted) -> None:
    answer = analysis(meeting.request)
    assert answer.action_items
    assert_true_to_source(meeting.request, answer)


@pytest.mark.parametrize("meeting", MEETINGS, ids=lambda meeting: meeting.name)
def test_the_notes_themselves_stand_in_the_transcript(meeting: Noted) -> None:
    said = [segment.text for segment in meeting.request.segments]
    names = {segment.speaker for segment in meeting.request.segments}
    for quote in [*(item["quote"] for item in meeting.action_items), *meeting.decisions]:
        assert any(quote in text for text in said), quote
    written = " ".join(said) if names == {UNKNOWN} else ""  # minutes name people, and nobody speaks
    for item in meeting.action_items:
        assert item["assignee"] is None or item["assignee"] in names or item["assignee"] in written


@pytest.mark.parametrize(("kept", "recall"), [(False, 0.8), (True, 0.7)])
def test_most_of_what_people_noted_is_found_and_little_else(kept: bool, recall: float) -> None:
    meetings = [meeting for meeting in MEETINGS if (meeting.use == KEPT) is kept]
    answers = [analysis(meeting.request) for meeting in meetings]
    scores = [
        score([item["quote"] for item in meeting.action_items], answer.action_items)
        for meeting, answer in zip(meetings, answers, strict=True)
    ]
    right = sum(len(one.pairs) for one in scores)
    assert right >= 0.85 * sum(one.found for one in scores)
    assert right >= recall * sum(one.noted for one in scores)
    assignees, dates = map(sum, zip(*map(agreeing, meetings, answers), strict=True))
    assert min(assignees, dates) >= 0.9 * right
