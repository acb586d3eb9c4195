"""Several engines in order: the first that answers does, and the answer names the others."""

from datetime import UTC, datetime

import pytest

from besunny.errors import EngineFailedError, EngineUnavailableError
from besunny.inference import direct
from besunny.inference.contracts.classification import ClassificationRequest
from besunny.inference.contracts.project_onboarding import ProjectOnboardingRequest
from besunny.inference.engines.answering import VectorEngine, first_answer
from besunny.inference.engines.chosen import ChosenEngines
from besunny.inference.engines.protocol import Deadline
from tests.fake_openai import Reply, chat
from tests.unit.inference.fake_engine import BagEngine

NOW = datetime(2026, 5, 4, tzinfo=UTC)
TEXT = "The girders of the bridge need paint before winter comes."
REQUEST = ClassificationRequest.model_validate({"content_text": TEXT, "projects": [{"id": "a", "name": "Bridge"}]})
ONBOARDING = ProjectOnboardingRequest.model_validate({"project_name": "Bridge", "overview": TEXT})
NOTHING = {"project": "none", "quotes": [], "summary_quotes": [], "next_step_quotes": [], "tags": []}


def first(*engines):
    return first_answer(engines, "classification", REQUEST, now=NOW, deadline=Deadline.within(30))


def test_the_first_that_answers_is_named_and_nothing_was_passed_over(bench, server):
    server.reply = lambda request: chat(request, NOTHING)
    found = first(bench.engine(), VectorEngine(BagEngine()))
    assert (found.engine.name, found.passed_over) == ("house", [])


@pytest.mark.parametrize(
    ("status", "calls", "error"), [(503, 3, "EngineUnavailableError"), (401, 1, "EngineFailedError")]
)
def test_one_that_fails_is_passed_over_and_the_answer_says_why(bench, server, status, calls, error):
    server.reply = lambda request: Reply(status)
    found = first(bench.engine(), VectorEngine(BagEngine()))
    assert found.engine.name == "fake"
    (passed,) = found.passed_over
    assert (passed.engine, passed.error) == ("house", error)
    assert f"HTTP {status}" in passed.reason
    assert len(server.requests) == calls
    assert bench.meter.usage.calls == calls


def test_the_embedded_answer_is_computed_once_for_all_that_stand_on_it(bench, server):
    encoder = BagEngine()
    vectors = VectorEngine(encoder)
    vectors.answer("classification", REQUEST, now=NOW, deadline=Deadline.within(30))
    once = len(encoder.embedded)
    encoder.embedded.clear()
    from besunny.inference.generative.engine import GenerativeEngine

    embedded = VectorEngine(encoder)
    first(GenerativeEngine(embedded, bench.asker()), GenerativeEngine(embedded, bench.asker()), embedded)
    assert len(encoder.embedded) == once


def test_where_none_answers_the_error_says_whether_it_may_another_time(bench, server):
    server.reply = lambda request: Reply(401 if len(server.requests) < 2 else 503)
    with pytest.raises(EngineUnavailableError, match=r"no engine answered: house: .*401.*; house: .*503") as caught:
        first(bench.engine(), bench.engine())
    assert [one.error for one in caught.value.passed_over] == ["EngineFailedError", "EngineUnavailableError"]
    server.reply = lambda request: Reply(403)
    with pytest.raises(EngineFailedError, match="no engine answered"):
        first(bench.engine(), bench.engine())


def test_an_error_carries_what_was_used_until_then(bench, server, monkeypatch):
    server.reply = lambda request: chat(request, "no object", usage=(70, 7))

    def engines_for(tenant_id, service, *, meter, deadline):
        bench.meter = meter
        return ChosenEngines([bench.engine()])

    monkeypatch.setattr(direct, "engines_for", engines_for)
    monkeypatch.setattr(direct, "embedded_engine", BagEngine)
    with pytest.raises(EngineFailedError) as caught:
        direct.answer("project_onboarding", ONBOARDING, tenant_id="t", owner="o", now=NOW, stored_projects=list)
    assert (caught.value.usage.calls, caught.value.usage.input_tokens) == (2, 140)


def test_without_time_nothing_is_asked(bench, server):
    engines = [bench.engine(), VectorEngine(BagEngine())]
    found = first_answer(engines, "classification", REQUEST, now=NOW, deadline=Deadline.within(0))
    assert found.passed_over[0].error == "EngineUnavailableError"
    assert server.requests == []


def test_a_mistake_of_ours_is_not_passed_over(bench):
    class Broken(VectorEngine):
        def answer(self, *_, **__):
            raise KeyError("a bug")

    with pytest.raises(KeyError):
        first(Broken(BagEngine()), VectorEngine(BagEngine()))
