"""What callers send: unknown names are refused with what was meant, known ones accepted, and errors use theirs."""

import importlib
import json
from functools import partial

import pytest

from besunny.errors import InvalidInputError
from besunny.inference.contracts.hybrid import HybridInput
from besunny.inference.contracts.parse import parse_request
from tests.api_events import FakeContext, api_event

DOCUMENT_RECORD = {
    "type": "email", "source_id": "m1", "source": "gmail", "author": "ana@x.org", "title": "T", "summary": "S",
    "received_at": "2026-05-04", "classification_source": "ai", "project_id": None, "content_text": "Hello",
    "attachments": [], "metadata": {"anything": {"at": "all"}},
}  # fmt: skip
SEGMENTS = [{"start_time": 0, "end_time": 1, "speaker": "Ana", "text": "Hello.", "words": ["kept open"]}]


def parse(service, data, *, prefix=""):
    parser = HybridInput.parse if service == "hybrid" else partial(parse_request, service)
    return parser(data, prefix=prefix)


def errors_of(service, data, prefix="input_data"):
    with pytest.raises(InvalidInputError) as caught:
        parse(service, data, prefix=prefix)
    return caught.value.errors


def post(path, body):
    """The answer of an AI service's own endpoint; none of these reaches its engine."""
    handler = importlib.import_module(f"inference.{path.replace('-', '_').replace('embeddings', 'embedding')}")
    answer = handler.lambda_handler(api_event("POST", f"/v1/ai-services/{path}", body=body), FakeContext())
    return answer["statusCode"], json.loads(answer["body"])


@pytest.mark.parametrize(
    ("service", "data", "unknown", "meant"),
    [
        ("classification", {"contnt": "x"}, "contnt", "`content`"),
        ("classification", {"content": "x", "project": []}, "project", "`projects`"),
        ("classification", {"content": "x", "zzzz": 1}, "zzzz", "without it"),
        ("meeting_intelligence", {"transkript": "A: x"}, "transkript", "`transcript`"),
        ("meeting_intelligence", {"transcript": "A: x", "meeting_dat": "2026-05-04"}, "meeting_dat", "`meeting_dat"),
        ("embeddings", {"text": "x", "chunkin": {}}, "chunkin", "`chunking`"),
        ("embeddings", {"text": "x", "chunking": {"max_token": 20}}, "chunking.max_token", "`max_tokens`"),
        ("project_onboarding", {"project_nam": "x", "overview": "y"}, "project_nam", "`project_name`"),
        ("hybrid", {"transcript": "A: x", "projekts": []}, "projekts", "`projects`"),
        ("hybrid", {"content": "x", "servicess": ["embeddings"]}, "servicess", "`services`"),
    ],
)
def test_an_unknown_field_is_named_with_what_was_meant(service, data, unknown, meant):
    error = errors_of(service, data)[0]
    assert (error.field, error.reason) == (f"input_data.{unknown}", "there is no such field")
    assert meant in error.fix


@pytest.mark.parametrize(
    ("service", "data"),
    [
        ("classification", {"content": "x", "document_type": "email", "workflow": "w", "priority": "high"}),
        ("classification", DOCUMENT_RECORD),
        ("classification", {"document": {**DOCUMENT_RECORD, "of_their_own": 1}, "projects": []}),
        ("classification", {"document": "x"}),
        ("classification", {"documents": [DOCUMENT_RECORD]}),
        ("meeting_intelligence", {"meeting_id": "m", "language": "en", "duration_seconds": 1, "participants": ["Ana"],
                                  "segments": SEGMENTS, "metadata": {"room": 4}}),
        ("meeting_intelligence", {"meeting_data": {"segments": SEGMENTS, "of_their_own": 1}, "participants": "Ana"}),
        ("meeting_intelligence", {**DOCUMENT_RECORD, "type": "meeting_transcript", "content_text": "Ana: Hello."}),
        ("embeddings", {"texts": ["a"], "chunking": {"chunk_size": 20}}),
        ("embeddings", DOCUMENT_RECORD),
        ("project_onboarding", {"project_name": "x", "overview": "y", "keywords": "a, b", "deliverables": ["c"],
                                "contacts": [{"name": "Ana"}], "shoot_date": "May", "location": "Kyiv",
                                "references": []}),
        ("project_onboarding", {"project": {"name": "x", "brief": "y", "of_their_own": 1}}),
        ("hybrid", {"meeting_data": {"segments": SEGMENTS}, "projects": [], "services": ["embeddings"]}),
        ("hybrid", {**DOCUMENT_RECORD, "projects": [], "chunking": {"overlap": 4}}),
    ],
)  # fmt: skip
def test_what_callers_have_always_sent_is_accepted(service, data):
    assert parse(service, data)


@pytest.mark.parametrize(
    ("service", "data", "field"),
    [
        ("classification", {"text": ""}, "text"),
        ("classification", {"document": {"body": ""}}, "document.body"),
        ("classification", {"document": ""}, "document"),
        ("classification", {"documents": [{"content": ""}]}, "documents.0.content"),
        ("classification", {"documents": [""]}, "documents.0"),
        ("classification", {"content": "x", "title": ["y"]}, "title"),
        ("classification", {"content": "x", "projects": [{"id": 1, "project_name": ""}]}, "projects.0.project_name"),
        ("embeddings", {"content": ""}, "content"),
        ("embeddings", {"document": {"text": ""}}, "document.text"),
        ("embeddings", {"document": ""}, "document"),
        ("embeddings", {"text": "x", "chunking": {"chunk_size": 1}}, "chunking.chunk_size"),
        ("meeting_intelligence", {"meeting_data": {"segments": [{"text": 5}]}}, "meeting_data.segments.0.text"),
        ("meeting_intelligence", {"meeting_data": [{"content": 5}]}, "meeting_data.0.content"),
        ("meeting_intelligence", {"transcript": {"segments": [{"text": 5}]}}, "transcript.segments.0.text"),
        ("meeting_intelligence", {"segments": [{"text": "x", "end": "soon"}]}, "segments.0.end"),
        ("meeting_intelligence", {"transcript": "A" * 300 + ": x"}, "transcript"),
        ("meeting_intelligence", {"transcript": "A: x", "metadata": {"date": "monday"}}, "metadata.date"),
        ("meeting_intelligence", {"transcript": "A: x", "started_at": "monday"}, "started_at"),
        ("project_onboarding", {"name": "x", "brief": ["y"]}, "brief"),
        ("project_onboarding", {"project": {"name": "x", "tags": [["y"]]}}, "project.tags.0"),
        ("hybrid", {"content": ""}, "content"),
        ("hybrid", {"document": {"type": "transcript", "content": 5}}, "document.content"),
        ("hybrid", {"content": "x", "services": ["poem"]}, "services"),
    ],
)
def test_a_wrong_field_has_the_callers_own_name(service, data, field):
    assert [error.field for error in errors_of(service, data)] == [f"input_data.{field}"]
    assert [error.field for error in errors_of(service, data, prefix="")] == [field]


def test_the_endpoints_of_the_services_name_fields_alike():
    code, problem = post("classification", {"content": "", "projects": [{"id": "p", "title": "A"}]})
    assert (code, problem["detail"]) == (422, "content: the text is empty")
    code, problem = post("meeting-intelligence", {"meeting_data": {"segments": [{"text": 5}]}})
    assert (code, problem["errors"][0]["field"]) == (422, "meeting_data.segments.0.text")
    for path, known in {"classification": "content", "meeting-intelligence": "transcript", "embeddings": "texts",
                        "project-onboarding": "overview"}.items():  # fmt: skip
        code, problem = post(path, {f"{known}x": "y"})
        assert (code, problem["errors"][0]["field"]) == (422, f"{known}x")
        assert f"`{known}`" in problem["errors"][0]["fix"]


def test_many_long_unknown_names_get_a_short_answer():
    errors = errors_of("classification", {f"{n:04d}" + "x" * 100_000: 1 for n in range(200)})
    assert len(errors) == 51
    assert "150 more" in errors[-1].reason
    assert all(len(error.field) < 200 for error in errors)


def test_errors_tell_nothing_of_our_classes():
    for data in ({"document": 5}, {"content": "x", "projects": [5]}, {"content": "x", "metadata": 5}, 5):
        assert {error.reason for error in errors_of("classification", data)} == {"Input should be an object"}
