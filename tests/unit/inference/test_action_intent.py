"""Which sentences of mail ask for an action, and where the model that says so is asked."""

import hashlib
import json
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from besunny.inference.classification.classify import classify
from besunny.inference.classification.highlights import next_steps
from besunny.inference.contracts.classification import ClassificationRequest
from besunny.inference.engines import action_intent
from besunny.inference.engines.action_intent import MODEL, VERSION, ActionIntent
from besunny.inference.engines.model_files import EmbeddedSettings, model_folder
from besunny.inference.text.wording import wording
from tests.unit.inference.fake_engine import BagEngine

FOLDER = model_folder(EmbeddedSettings(), MODEL, VERSION)
NOW = datetime(2026, 5, 18, tzinfo=UTC)
ASKING = [
    "Could you send me the signed contract by Friday?",
    "Please review the attached draft and let me know what you think.",
    "Can we meet on Tuesday to go over the budget?",
]
TELLING = [
    "The weather in Lisbon was lovely all week.",
    "We closed the quarter with revenue of two million.",
    "Thanks a lot for the wonderful evening.",
]


def test_the_model_is_the_one_that_was_described() -> None:
    described = json.loads((FOLDER / "MODEL.json").read_text())
    assert described["licence"] == "Apache-2.0"
    for name, file in described["files"].items():
        assert hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() == file["sha256"]


def test_it_tells_asking_from_telling() -> None:
    model = ActionIntent(EmbeddedSettings())
    assert model.asks([*ASKING, *TELLING]).tolist() == [True] * 3 + [False] * 3
    found = model.probabilities([*ASKING, *TELLING])
    assert found.dtype == np.float32
    assert found[:3].min() > 0.6
    assert found[3:].max() < 0.3


def test_what_is_said_of_a_sentence_depends_on_it_alone() -> None:
    model = ActionIntent(EmbeddedSettings())
    together = model.probabilities([*ASKING, ASKING[0]])
    assert together[0] == together[3] == model.probabilities(ASKING[:1])[0]
    assert model.probabilities([]).shape == (0,)


def test_sentences_of_any_length_are_read() -> None:
    found = ActionIntent(EmbeddedSettings()).probabilities(["", "?", "please " * 500, "好的。"])
    assert np.isfinite(found).all()


def test_links_addresses_and_numbers_are_one_word_each() -> None:
    one = wording("Call 555-1234 or mail Anna@acme.com, see https://acme.com/a?b=1")
    assert one == wording("call 7 or mail bob@x.org, see www.x.org")
    assert {"^ call", "xmail", "#length 4"} <= one


@given(st.text(max_size=300))
def test_any_text_has_a_wording(text: str) -> None:
    assert wording(text)


def test_next_steps_of_mail_are_what_is_asked_and_what_is_promised_by_a_day() -> None:
    said = [TELLING[0], ASKING[0], "I'll send you the invoice tomorrow.", TELLING[1], "I will be happy."]
    text = " ".join(said)
    spans = next_steps(text, asks=action_intent.asks_for_action)
    assert [span.text for span in spans] == [said[1], said[2]]
    assert all(text[span.start : span.end] == span.text for span in spans)
    assert len(next_steps(" ".join(ASKING * 20), limit=5, asks=action_intent.asks_for_action)) == 5


@pytest.mark.parametrize(("kind", "asked"), [("email", True), ("document", False), ("meeting_transcript", False)])
def test_only_mail_asks_the_model(kind: str, asked: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def asks(sentences: list[str]) -> np.ndarray:
        read.extend(sentences)
        return np.ones(len(sentences), dtype=bool)

    monkeypatch.setattr("besunny.inference.classification.classify.asks_for_action", asks)
    request = ClassificationRequest.model_validate({"type": kind, "content_text": " ".join(TELLING), "projects": []})
    answer = classify(request, BagEngine(), now=NOW)
    assert read == (TELLING if asked else [])
    assert [span.text for span in answer.next_steps] == (TELLING if asked else [])


def test_it_is_loaded_by_the_first_sentence() -> None:
    loaded = {"_session", "_tokenizer", "_linear", "_described"}
    model = ActionIntent(EmbeddedSettings())
    assert not loaded & set(vars(model))
    model.asks(["Please call me."])
    assert loaded <= set(vars(model))
