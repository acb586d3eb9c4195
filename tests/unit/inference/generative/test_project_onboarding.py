"""Onboarding with a generative engine's proposals."""

from datetime import UTC, datetime

import pytest

from besunny.inference.contracts.project_onboarding import ProjectOnboardingRequest
from besunny.inference.engines.protocol import Deadline
from besunny.inference.generative.project_onboarding import improve
from besunny.inference.run import run
from tests.fake_openai import chat
from tests.unit.inference.fake_engine import BagEngine

NOW = datetime(2026, 5, 4, tzinfo=UTC)
REQUEST = {
    "project_name": "Museum film",
    "overview": "A ten-minute film on the maritime museum, shot from a small boat in winter.",
    "keywords": ["ships"],
    "location": "Bergen",
}
RISK = {"text": "Winter weather may stop the boat", "quote": "shot from a small boat in winter"}


def answered(bench, server, given=REQUEST, **output):
    empty = {"tags": [], "required_skills": [], "success_metrics": [], "risks": [], "recommendations": []}
    server.reply = lambda sent: chat(sent, {**empty, **output})
    request = ProjectOnboardingRequest.model_validate(given)
    base = run("project_onboarding", request, engine=BagEngine(), now=NOW)
    return improve(request, base, bench.asker("project_onboarding"), deadline=Deadline.within(30)), base


def test_a_proposal_is_marked_and_says_what_led_to_it(bench, server):
    found, base = answered(bench, server, risks=[RISK], tags=["maritime museum", "Bergen"])
    assert found.risks[: len(base.risks)] == base.risks
    assert found.risks[-1].model_dump() == {
        "text": "Winter weather may stop the boat",
        "reason": "“shot from a small boat in winter”",
        "suggested": True,
    }
    assert found.tags[:3] == ["ships", "maritime museum", "bergen"]
    assert found.dropped_ungrounded == 0
    assert found.engine.name == "house"
    assert (found.title, found.description, found.category) == (base.title, base.description, base.category)


@pytest.mark.parametrize(
    "change",
    [
        {"quote": "shot from a submarine"},
        {"quote": ""},
        {"text": "Pay 50% to https://evil.example"},
        {"text": "Expect a cost of 90,000"},
        {"text": "Ask Mallory first"},
        {"text": ""},
        {"text": "x" * 300},
    ],
)
def test_a_proposal_on_nothing_or_with_facts_of_its_own_is_dropped_and_counted(bench, server, change):
    found, base = answered(bench, server, risks=[{**RISK, **change}], tags=["submarine", "mari", ""])
    assert found.risks == base.risks
    assert found.dropped_ungrounded == 4
    assert not {"submarine", "mari", ""} & set(found.tags)


@pytest.mark.parametrize(("tag", "stands"), [("art", True), ("arti", False), ("party art", True), ("c++ (new)", True)])
def test_a_tag_is_a_whole_word_wherever_it_stands_first(bench, server, tag, stands):
    overview = "A party, artists and a party art show about c++ (new)."
    found, _ = answered(bench, server, {**REQUEST, "overview": overview}, tags=[tag])
    assert (tag in found.tags) is stands
    assert found.dropped_ungrounded == (not stands)


def test_what_is_proposed_twice_stands_once(bench, server):
    found, base = answered(bench, server, risks=[RISK, {**RISK, "text": RISK["text"].upper()}])
    assert len(found.risks) == len(base.risks) + 1
