"""What was read stays, though a later part fails; in each service, and in the count of what it cost."""

import pytest

from besunny.errors import EngineFailedError, EngineUnavailableError
from besunny.inference.contracts.parse import parse_request
from besunny.inference.engines.protocol import Deadline
from besunny.inference.generative.reading import read_parts
from tests.fake_openai import Reply, chat
from tests.unit.inference.generative.test_meeting_intelligence import NOW

LONG = "The board agreed to move the launch to 20 May. "
WORK = {
    "classification": {"content_text": LONG * 60, "projects": [{"id": "p", "name": "Launch"}]},
    "meeting_intelligence": {
        "segments": [
            {"speaker": "Ana", "text": f"I will send the report number {n}. What does report number {n} cost?"}
            for n in range(40)
        ]
    },
    "project_onboarding": {"project_name": "Launch", "overview": LONG * 60},
}
SAID = {
    "classification": {"project": "none", "quotes": [], "summary_quotes": [LONG], "next_step_quotes": [], "tags": []},
    "meeting_intelligence": {
        "summary": [],
        "key_points": [],
        "action_items": [],
        "decisions": [{"text": "Send the report.", "quote": "I will send the report number 0", "turn": 0}],
        "open_questions": [],
    },
    "project_onboarding": {
        "tags": ["launch"],
        "required_skills": [],
        "success_metrics": [],
        "risks": [],
        "recommendations": [],
    },
}
SMALL = {"context_tokens": 1400, "max_output_tokens": 200, "attempts": 2}


def answered(bench, server, service, replies):
    """The answer where the server gives these in turn, the last for ever."""
    left = list(replies)

    def reply(sent):
        return (left.pop(0) if len(left) > 1 else left[0])(sent)

    server.reply = reply
    engine = bench.engine(service, **SMALL)
    request = parse_request(service, WORK[service])
    return engine.answer(service, request, now=NOW, deadline=Deadline.within(60))


@pytest.mark.parametrize("service", WORK)
@pytest.mark.parametrize(
    ("then", "said"), [(lambda _: Reply(503), "HTTP 503"), (lambda sent: chat(sent, "no object"), "not usable")]
)
def test_what_was_read_before_a_part_failed_stays(bench, server, service, then, said):
    found = answered(bench, server, service, [lambda sent: chat(sent, SAID[service]), then])
    assert found.engine.name == "house"
    assert 0 < found.coverage.share < 0.9
    assert said in found.coverage.note
    assert "parts were not read" in found.coverage.note
    assert bench.meter.usage.calls == len(server.requests) >= 3
    assert bench.meter.usage.input_tokens >= 100


@pytest.mark.parametrize("service", WORK)
def test_all_that_was_read_has_no_note(bench, server, service):
    found = answered(bench, server, service, [lambda sent: chat(sent, SAID[service])])
    assert (found.coverage.share, found.coverage.note) == (1, None)


@pytest.mark.parametrize("service", WORK)
def test_nothing_read_is_the_next_engines_turn(bench, server, service):
    with pytest.raises(EngineUnavailableError):
        answered(bench, server, service, [lambda _: Reply(503)])


def test_in_turns_that_were_not_read_the_embedded_findings_stay(bench, server):
    service = "meeting_intelligence"
    half = answered(bench, server, service, [lambda sent: chat(sent, SAID[service]), lambda _: Reply(503)])
    assert half.open_questions[-1].segment_index >= 15
    assert half.open_questions[-1].confidence_score < 0.8
    assert half.open_questions[0].segment_index > 0


def test_a_part_that_gave_nothing_usable_does_not_stop_the_next_and_no_time_does():
    faults = {2: EngineFailedError("refused"), 4: EngineUnavailableError("no time")}
    asked = []

    def ask(part):
        asked.append(part)
        if part in faults:
            raise faults[part]
        return -part

    assert read_parts([1, 2, 3, 4, 5], ask) == ([(1, -1), (3, -3)], "3 of 5 parts were not read: no time")
    assert asked == [1, 2, 3, 4]
    with pytest.raises(EngineFailedError, match="refused"):
        read_parts([2, 1], ask)
