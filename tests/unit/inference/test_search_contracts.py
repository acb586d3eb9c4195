import pytest
from pydantic import ValidationError

from besunny.inference.contracts.classification import ClassificationRequest
from besunny.inference.contracts.feedback import FeedbackRequest
from besunny.inference.contracts.search import IndexRequest, SearchRequest
from besunny.orchestration.models import WorkflowRequest
from besunny.validation import field_errors

ONE = {"document_id": "a", "text": "Some text."}


def faults(model, data):
    with pytest.raises(ValidationError) as refused:
        model.model_validate(data)
    return {error.field: error for error in field_errors(refused.value.errors(include_url=False))}


@pytest.mark.parametrize(
    "body",
    [
        {"documents": [ONE]},
        {"texts": [ONE]},
        {"document": ONE},
        {"documents": ONE},
        ONE,
        {"id": "a", "document_id": "a", "content": "Some text."},
        {"texts": [{"source_id": "a", "content_text": "Some text."}]},
    ],
)
def test_documents_come_in_several_forms(body):
    request = IndexRequest.model_validate(body)
    assert [(document.document_id, document.text) for document in request.documents] == [("a", "Some text.")]
    assert request.chunking.overlap > 0


def test_a_bare_text_gets_an_id_of_its_content():
    first, second = IndexRequest.model_validate({"texts": ["One text.", "Another."]}).documents
    again = IndexRequest.model_validate({"texts": ["One text."]}).documents[0]
    assert first.document_id == again.document_id != second.document_id


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "documents"),
        ({"documents": []}, "documents"),
        ({"documents": [{"document_id": "a"}]}, "documents.0.text"),
        ({"documents": [{"text": "b"}]}, "documents.0.document_id"),
        ({"documents": [{**ONE, "document_id": "a/b"}]}, "documents.0.document_id"),
        ({"documents": [{**ONE, "document_id": "a%2Fb"}]}, "documents.0.document_id"),
        ({"documents": [{**ONE, "document_id": "x" * 201}]}, "documents.0.document_id"),
        ({"documents": [{**ONE, "text": " "}]}, "documents.0.text"),
        ({"documents": [{**ONE, "metadata": {"x": "y" * 5000}}]}, "documents.0.metadata"),
        ({"documents": [{**ONE, "metadata": {"x": float("nan")}}]}, "documents.0.metadata"),
        ({"documents": [ONE, ONE]}, "documents"),
        ({"texts": [ONE, {"id": "b", "content": ""}]}, "texts.1.content"),
        ({"texts": [ONE, " "]}, "texts.1"),
        ({"document": {"id": "a", "body": ""}}, "document.body"),
        ({"document_id": "a", "content": ""}, "content"),
        ({"documnts": [ONE]}, "documnts"),
        ({"documents": [{**ONE, "document_id": str(n)} for n in range(51)]}, "documents"),
        ({"documents": [ONE], "chunking": {"max_tokens": 999}}, "chunking.max_tokens"),
    ],
)
def test_what_cannot_be_indexed_is_named(body, field):
    assert faults(IndexRequest, body).keys() == {field}


def test_the_original_s_numbers_are_the_defaults():
    request = SearchRequest.model_validate({"query": "where is the rust"})
    assert (request.threshold, request.top_k, request.project_id) == (0.7, 10, None)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "body"),
        ({"query": "a", "vector": [1.0] * 384}, "body"),
        ({"query": " "}, "query"),
        ({"query": "a" * 10_001}, "query"),
        ({"vector": [1.0] * 383}, "vector"),
        ({"vector": [0.0] * 384}, "vector"),
        ({"vector": [float("inf")] * 384}, "vector"),
        ({"q": " "}, "q"),
        ({"query": "a", "topk": 3}, "topk"),
        ({"query": "a", "top_k": 101}, "top_k"),
        ({"query": "a", "top_k": 0}, "top_k"),
        ({"query": "a", "threshold": 1.1}, "threshold"),
    ],
)
def test_what_cannot_be_searched_is_named(body, field):
    assert faults(SearchRequest, body).keys() == {field}


@pytest.mark.parametrize("name", [".", "..", "a/b", "a\x07b", "a\nb", "a%2fb", "a?b", "a\u2028b"])
def test_an_id_that_cannot_stand_in_an_address_is_refused_by_name(name):
    with pytest.raises(ValidationError) as caught:
        IndexRequest.model_validate({"document_id": name, "text": "x"})
    assert caught.value.errors()[0]["loc"] == ("document_id",)


@pytest.mark.parametrize("name", [".", "..", "a\x07b", "a\nb", "a\u2028b", "a\x85b"])
def test_ids_of_projects_hold_nothing_invisible(name):
    documents = [{"document_id": "d", "text": "x", "project_id": name}]
    for model, body in [
        (IndexRequest, {"documents": documents}),
        (SearchRequest, {"query": "x", "project_id": name}),
        (ClassificationRequest, {"content_text": "x", "projects": [{"id": name, "name": "N"}]}),
        (FeedbackRequest, {"document": {"content_text": "x"}, "project_id": name}),
        (WorkflowRequest, {"workflow_type": "embedding", "input_data": {}, "project_id": name}),
    ]:
        with pytest.raises(ValidationError) as caught:
            model.model_validate(body)
        assert caught.value.errors()[0]["loc"][-1] in ("project_id", "id"), model


def test_ids_of_projects_of_the_callers_own_books_pass():
    for name in ("org/repo", "Straße 7", "...", "a.b"):
        assert SearchRequest.model_validate({"query": "x", "project_id": name}).project_id == name
