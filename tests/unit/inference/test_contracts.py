import subprocess
import sys

import pytest

from besunny.errors import InvalidInputError
from besunny.inference.contracts.classification import ClassificationRequest
from besunny.inference.contracts.common import MAX_TEXT_BYTES
from besunny.inference.contracts.hybrid import HybridInput, combine
from besunny.inference.contracts.parse import SERVICES, parse_request

PROJECT = {"id": "p1", "name": "Harbor Coffee"}


def fields(service: str, data: object) -> dict[str, str]:
    with pytest.raises(InvalidInputError) as caught:
        parse_request(service, data, prefix="input_data")
    assert all(error.reason and error.fix for error in caught.value.errors)
    return {error.field: error.reason for error in caught.value.errors}


@pytest.mark.parametrize(
    "data",
    [
        {"type": "email", "source_id": "m1", "content_text": "Hello"},
        {"document_type": "email", "content": "Hello", "source_id": "m1"},
        {"document": {"type": "email", "content": "Hello", "id": "m1"}},
        {"documents": [{"type": "email", "text": "Hello", "source_id": "m1"}]},
        {"type": " EMAIL ", "content_text": "Hello", "source_id": "m1", "workflow": "x", "metadata": None},
    ],
)
def test_a_document_is_taken_in_every_form_callers_use(data: dict[str, object]) -> None:
    document = ClassificationRequest.model_validate(data).document
    assert (document.type, document.source_id, document.content_text) == ("email", "m1", "Hello")


def test_projects_take_the_original_names_and_plain_lists() -> None:
    sent = {
        "project_id": 7,
        "title": "A",
        "normalized_tags": "one, two",
        "reference_keywords": ["k"],
        "examples": ["x", {"content": "y"}],
    }
    request = ClassificationRequest.model_validate({"content": "x", "projects": [sent]})
    assert request.projects is not None
    (project,) = request.projects
    assert project.model_dump() == {
        "id": "7",
        "name": "A",
        "description": "",
        "tags": ["one", "two"],
        "keywords": ["k"],
        "categories": [],
        "examples": ["x", "y"],
    }


def test_absent_projects_are_told_from_none() -> None:
    assert ClassificationRequest.model_validate({"content": "x"}).projects is None
    assert ClassificationRequest.model_validate({"content": "x", "projects": []}).projects == []


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({}, "input_data.content_text"),
        ({"content": ""}, "input_data.content"),
        ({"content": " \n\t"}, "input_data.content"),
        ({"content": 5}, "input_data.content"),
        ({"content": "PK\x03\x04\x00\x00binary"}, "input_data.content"),
        ({"content": "half \ud800 a pair"}, "input_data.content"),
        ({"content": "é" * (MAX_TEXT_BYTES // 2 + 1)}, "input_data.content"),
        ({"documents": []}, "input_data.documents"),
        ({"content": "x", "projects": "p1"}, "input_data.projects"),
        ({"content": "x", "projects": [{"id": "p1"}]}, "input_data.projects.0.name"),
        ({"content": "x", "projects": [PROJECT, PROJECT]}, "input_data.projects"),
        ([], "input_data"),
        (None, "input_data"),
    ],
)
def test_a_wrong_classification_names_the_field(data: object, field: str) -> None:
    assert field in fields("classification", data)


def test_an_error_carries_nothing_of_the_input() -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_request("classification", {"content": "secret words\x00", "projects": [{"id": "secret", "name": 3.5j}]})
    assert "secret" not in repr(caught.value.errors)


def test_a_text_of_the_largest_size_passes() -> None:
    assert parse_request("embeddings", {"text": "x" * MAX_TEXT_BYTES})


@pytest.mark.parametrize(
    ("service", "data", "field"),
    [
        ("embeddings", {}, "input_data.texts"),
        ("embeddings", {"texts": []}, "input_data.texts"),
        ("embeddings", {"texts": ["a", ""]}, "input_data.texts.1"),
        ("embeddings", {"text": "a", "chunking": {"max_tokens": 1000}}, "input_data.chunking.max_tokens"),
        ("embeddings", {"text": "a", "chunking": {"max_tokens": 20, "overlap": 15}}, "input_data.chunking.overlap"),
        ("project_onboarding", {"overview": "x"}, "input_data.project_name"),
        ("project_onboarding", {"project_name": "x"}, "input_data"),
        ("project_onboarding", {"project_name": "x", "overview": ["y"]}, "input_data.overview"),
    ],
)
def test_other_services_name_the_field_too(service: str, data: object, field: str) -> None:
    assert field in fields(service, data)


def test_an_unknown_service_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_request("translation", {})
    assert all(name in caught.value.errors[0].fix for name in SERVICES)


def test_contracts_import_neither_numpy_nor_boto3() -> None:
    code = (
        "import sys, besunny.inference.contracts.hybrid, besunny.inference.contracts.embeddings, "
        "besunny.inference.contracts.project_onboarding, besunny.inference.contracts.versions, besunny.inference.run; "
        "print({'numpy', 'boto3', 'onnxruntime'} & set(sys.modules))"
    )
    path = next(entry for entry in sys.path if entry.endswith("layers/core"))
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": path}, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"


def test_a_meeting_goes_to_three_services_and_is_read_as_one_text() -> None:
    data = {"transcript": "Ann: I will send it.\nBob: Fine.", "title": "Sync", "projects": [PROJECT]}
    requests = HybridInput.parse(data)
    assert list(requests) == ["classification", "meeting_intelligence", "embeddings"]
    document = requests["classification"].document  # type: ignore[attr-defined]
    assert document.is_transcript
    assert (document.subject, document.content_text) == ("Sync", "Ann: I will send it.\nBob: Fine.")
    assert requests["embeddings"].texts == [document.content_text]  # type: ignore[attr-defined]


def test_a_document_is_no_meeting_and_outputs_choose() -> None:
    data = {"type": "email", "content": "Hello", "projects": []}
    assert list(HybridInput.parse(data)) == ["classification", "embeddings"]
    assert list(HybridInput.parse(data, ["summary", "combined"])) == ["classification"]
    assert list(HybridInput.parse({**data, "services": ["embeddings"]})) == ["embeddings"]


@pytest.mark.parametrize(
    ("data", "outputs", "field"),
    [
        ({"content": "x"}, ["meeting_intelligence"], "input_data"),
        ({"content": "x"}, ["poem"], "expected_outputs"),
        ({"content": "x"}, "summary", "expected_outputs"),
        ({}, [], "input_data.content_text"),
        ("x", [], "input_data"),
    ],
)
def test_a_wrong_hybrid_names_the_field(data: object, outputs: list[str], field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        HybridInput.parse(data, outputs)
    assert field in [error.field for error in caught.value.errors]


def test_combining_takes_from_each_what_it_knows_best() -> None:
    classification = {
        "project_id": "p1",
        "project_name": "A",
        "confidence": 0.9,
        "summary": "doc",
        "sentiment": "neutral",
    }
    meeting = {
        "executive_summary": "meeting",
        "sentiment_overall": "positive",
        "action_items": [
            {"text": "Send it", "assignee": "Ann", "due_date": "2030-01-02"},
            {"text": "Call", "assignee": None},
        ],
        "decisions_made": [{"text": "Go"}],
    }
    combined = combine(
        {"classification": classification, "meeting_intelligence": meeting, "embeddings": None}, title="Sync"
    )
    assert (combined["title"], combined["summary"], combined["sentiment"]) == ("Sync", "meeting", "positive")
    assert combined["action_items"] == ["Send it (Ann, due 2030-01-02)", "Call (nobody named)"]
    assert combined["counts"] == {"action_items": 2, "decisions": 1}
    assert (combined["services"], combined["failed"]) == (["classification", "meeting_intelligence"], ["embeddings"])


def test_combining_without_a_meeting_falls_back_to_the_document() -> None:
    combined = combine({"classification": {"summary": "doc", "sentiment": "negative"}, "meeting_intelligence": None})
    assert (combined["summary"], combined["sentiment"]) == ("doc", "negative")
