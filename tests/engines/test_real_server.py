"""Each service against a real server.

A model of 135 million parameters says little that is true. What is asked here is that the ways to ask work, that what
it says is metered and checked, and that whatever comes out stands in the source.
"""

from datetime import UTC, datetime

import pytest

from besunny.errors import EngineFailedError
from besunny.inference.contracts.engine_config import parse_engines
from besunny.inference.contracts.parse import parse_request
from besunny.inference.engines import openai_compatible
from besunny.inference.engines.answering import VectorEngine, first_answer
from besunny.inference.engines.embedded import embedded_engine
from besunny.inference.engines.openai_compatible import OpenAiChat
from besunny.inference.engines.protocol import Deadline
from besunny.inference.engines.remote_encoder import RemoteEncoder
from besunny.inference.generative.asking import Asker
from besunny.inference.generative.engine import GenerativeEngine
from besunny.inference.generative.metering import Meter
from tests.e2e.samples import BRIDGE_MAIL, PROJECTS, STANDUP

pytestmark = pytest.mark.engines
NOW = datetime(2026, 5, 4, tzinfo=UTC)
INPUTS = {
    "classification": {"document": BRIDGE_MAIL, "projects": PROJECTS},
    "meeting_intelligence": STANDUP,
    "project_onboarding": {
        "project_name": "Museum film",
        "overview": "A ten-minute film on the maritime museum, shot from a boat in winter.",
        "deliverables": ["film", "ten stills"],
    },
}


def config(base_url, service, **changes):
    engine = {
        "kind": "openai_compatible",
        "base_url": base_url,
        "model": "smollm2-135m",
        "context_tokens": 4096,
        "max_output_tokens": 700,
        "timeout_seconds": 200,
        "price": {"input_per_million": 0, "output_per_million": 0},
    }
    return parse_engines({"engines": {"small": {**engine, **changes}}, "default": {service: ["small"]}})


def ask(base_url, service, **changes):
    """The answer and what it took; the embedded engine stands in where the model gives nothing usable."""
    made = config(base_url, service, **changes)
    settings, meter = made.engines["small"], Meter()
    embedded = VectorEngine(embedded_engine())
    asker = Asker(OpenAiChat(settings, lambda: None), made.info("small", service), settings, meter)
    engines = [GenerativeEngine(embedded, asker), embedded]
    request = parse_request(service, INPUTS[service])
    found = first_answer(engines, service, request, now=NOW, deadline=Deadline.within(500))
    print(f"\n{service}: {found.engine.name}, {meter.usage.model_dump()}, dropped {found.dropped_ungrounded}")
    print(
        f"  passed over: {[one.reason for one in found.passed_over]}; ways: {list(openai_compatible._found.values())}"
    )
    return found, meter.usage


@pytest.mark.parametrize("service", INPUTS)
def test_a_service_answers_and_what_it_says_stands_in_the_source(real_server, service):
    found, usage = ask(real_server, service)
    assert usage.output_tokens > 0
    assert usage.input_tokens > 200
    assert usage.usd == 0
    if service == "classification":
        text = BRIDGE_MAIL["content_text"]
        assert found.project_id in ("p-harbour", "")
        for span in [*found.evidence, *found.summary_spans, *found.next_steps]:
            assert text[span.start : span.end] == span.text
        print(f"  {found.project_id} {found.confidence}: {found.classification_notes}")
    if service == "meeting_intelligence":
        for place in [*found.action_items, *found.decisions_made, *found.open_questions]:
            assert place.quote in STANDUP["segments"][place.segment_index]["text"]
        print(f"  {found.executive_summary}\n  {[item.text for item in found.action_items]}")


@pytest.mark.parametrize("way", ["tools", "text"])
def test_each_way_to_ask_that_the_server_takes(real_server, way):
    _, usage = ask(real_server, "classification", structured=way)
    assert usage.output_tokens > 0


def test_vectors_that_are_not_ours_are_a_clear_error(real_server):
    made = config(real_server, "embeddings", embedding_model="smollm2-135m")
    settings, info = made.engines["small"], made.info("small", "embeddings")
    deadline = Deadline.within(60)
    encoder = RemoteEncoder(settings, info, lambda: None, embedded=embedded_engine(), meter=Meter(), deadline=deadline)
    with pytest.raises(EngineFailedError, match=r"384 are needed|not the form of embeddings"):
        encoder.embed(["one text"])
