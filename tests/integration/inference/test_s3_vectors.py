"""The index on S3 Vectors, through boto3's client, which checks every request against the service's model.

moto keeps indexes and vectors; `query_vectors` answers the one operation that it has not.
"""

import boto3
import pytest
from botocore.stub import Stubber

from besunny.errors import ForbiddenError, NotFoundError, UnavailableError
from besunny.inference.search import sweeps
from besunny.inference.search.s3_vectors import S3VectorsIndex, _index_name, _project_mark
from tests.integration.inference.conftest import TABLE, Interrupted, library_over, objects
from tests.integration.inference.query_vectors import answer_query

VECTOR_BUCKET = "vectors"
BUCKET_ARN = f"arn:aws:s3vectors:us-east-1:123456789012:bucket/{VECTOR_BUCKET}"
BRIDGE = {"document_id": "bridge", "project_id": "p1", "text": "Corroded girders on the north span."}
CLINIC = {"document_id": "clinic", "project_id": "p2", "text": "The clinics open an hour earlier."}


@pytest.fixture
def vectors(aws):
    client = boto3.client("s3vectors")
    client.meta.events.register("before-send.s3vectors.QueryVectors", answer_query)
    client.create_vector_bucket(vectorBucketName=VECTOR_BUCKET)
    return client


def index_over(client):
    return S3VectorsIndex(
        boto3.client("dynamodb"), TABLE, objects(), lambda: client, BUCKET_ARN, sleep=lambda seconds: None
    )


@pytest.fixture
def library(vectors):
    return library_over(index_over(vectors))


def kept(client, tenant="acme", model="bag-of-words@1"):
    name = _index_name(tenant, model)
    return client.list_vectors(vectorBucketName=VECTOR_BUCKET, indexName=name, returnMetadata=True)["vectors"]


def ids(answer):
    return [hit.document_id for hit in answer.results]


def test_what_is_indexed_is_found_with_its_place_and_cosine(library):
    answer = library.put(BRIDGE, CLINIC)
    assert (answer.total_chunks, answer.max_chunks) == (None, None)
    hit = library.search("Corroded girders on the north span.").results[0]
    assert (hit.document_id, hit.project_id, hit.text) == ("bridge", "p1", BRIDGE["text"])
    assert hit.score == pytest.approx(1, abs=1e-4)
    lower = library.search("Corroded girders", threshold=0.99)
    assert (ids(lower), lower.below_threshold) == ([], 2)
    assert f"{lower.best_score:.2f}" in lower.note


def test_tenants_and_projects_are_apart(library):
    library.put(BRIDGE, CLINIC)
    assert library.search("Corroded girders", tenant="globex", threshold=-1).results == []
    assert set(ids(library.search("Corroded girders", threshold=-1))) == {"bridge", "clinic"}
    assert ids(library.search("Corroded girders", threshold=-1, project_id="p2")) == ["clinic"]
    with pytest.raises(NotFoundError):
        library.remove("bridge", tenant="globex")


def test_replaced_and_removed_leave_no_vector_and_no_text(library, vectors):
    library.put(BRIDGE)
    assert library.put({**BRIDGE, "text": "Painting begins in May."}).documents[0].status == "replaced"
    assert [hit.text for hit in library.search("girders", threshold=-1).results] == ["Painting begins in May."]
    assert len(kept(vectors)) == len(library.objects()) == 1
    library.remove("bridge")
    assert library.search("girders", threshold=-1).results == []
    assert kept(vectors) == library.objects() == library.items("SWEEP#") == []


def test_more_vectors_than_one_call_takes(library, vectors):
    text = " ".join(
        f"Sentence {number} has sixteen words so that no two of them fit together in one." for number in range(510)
    )
    answer = library.put({"document_id": "long", "text": text}, chunking={"max_tokens": 16})
    library.put({"document_id": "second", "text": text + " End."}, chunking={"max_tokens": 16})
    assert answer.chunks >= 510
    assert len(kept(vectors)) == 2 * answer.chunks
    library.remove("long")
    assert {entry["metadata"]["document_id"] for entry in kept(vectors)} == {"second"}


def test_vectors_that_no_document_stands_for_are_not_found_and_are_swept(library, vectors, monkeypatch):
    def dies(self, tenant_id, sweep):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sweeps.Sweeps, "kept", dies)
        with pytest.raises(KeyboardInterrupt):
            library.put(BRIDGE)
    assert len(kept(vectors)) == 1
    assert library.search("Corroded girders", threshold=-1).results == []
    library.pass_time(minutes=17)
    library.put(CLINIC)
    assert [entry["metadata"]["document_id"] for entry in kept(vectors)] == ["clinic"]


def test_a_replacement_that_crashed_leaves_the_document_as_it_was(library, monkeypatch):
    def dies(self, tenant_id, sweep):
        raise KeyboardInterrupt

    library.put(BRIDGE)
    with monkeypatch.context() as patch:
        patch.setattr(sweeps.Sweeps, "kept", dies)
        with pytest.raises(KeyboardInterrupt):
            library.put({**BRIDGE, "text": "Corroded girders everywhere."})
    found = library.search("Corroded girders everywhere.", threshold=-1)
    assert [hit.text for hit in found.results] == [BRIDGE["text"]]
    assert found.best_score < 0.99


def test_two_that_replace_one_document_at_once_leave_one(library, vectors):
    def meanwhile():
        library.put({**BRIDGE, "text": "Painting begins in May."})

    client = Interrupted(boto3.client("dynamodb"), meanwhile)
    index = S3VectorsIndex(client, TABLE, objects(), lambda: vectors, BUCKET_ARN, sleep=lambda seconds: None)
    slow = library_over(index)
    slow.numbers = library.numbers
    slow.put(BRIDGE)
    assert [hit.text for hit in library.search("girders", threshold=-1).results] == [BRIDGE["text"]]
    assert len(kept(vectors)) == len(library.objects()) == 1


def test_chunks_of_another_model_are_told_apart(library, vectors):
    nothing = library.search("girders", threshold=-1)
    assert (nothing.note, nothing.outdated_chunks) == ("no document is indexed", 0)
    library.put(BRIDGE, CLINIC)
    newer = library_over(index_over(vectors))
    newer.numbers = library.numbers
    newer.parts.engine.info = newer.parts.engine.info.model_copy(update={"version": "2"})
    answer = newer.search("girders", threshold=-1)
    assert (answer.results, answer.outdated_chunks) == ([], 2)
    assert "another model" in answer.note
    newer.put(BRIDGE)
    assert ids(newer.search("girders", threshold=-1)) == ["bridge"]
    other = newer.search("girders", threshold=-1, project_id="p2")
    assert (other.results, other.outdated_chunks) == ([], 1)
    assert "another model" in other.note


def test_a_colleague_s_document_is_replaced_and_removed_by_operators_alone(library):
    library.put(BRIDGE)
    changed = {**BRIDGE, "text": "Painting begins in May."}
    with pytest.raises(ForbiddenError):
        library.put(changed, actor="bob")
    with pytest.raises(ForbiddenError):
        library.remove("bridge", actor="bob")
    assert library.put(changed, actor="carol", operator=True).documents[0].status == "replaced"
    library.remove("bridge")


def test_requests_are_as_the_service_wants_them(aws):
    client = boto3.client("s3vectors")
    library = library_over(index_over(client))
    name = _index_name("acme", "bag-of-words@1")
    vector = library.parts.engine.embed([BRIDGE["text"]])[0].tolist()
    where = {"indexArn": f"{BUCKET_ARN}/index/{name}"}
    metadata = {
        "document_id": "bridge",
        "version": "v00000001",
        "number": 0,
        "span": f"[0, {len(BRIDGE['text'])}, 0, {len(BRIDGE['text'])}]",
        "project": _project_mark("p1"),
    }
    with Stubber(client) as stub:
        put = {**where, "vectors": [{"key": "v00000001-0", "data": {"float32": vector}, "metadata": metadata}]}
        stub.add_client_error("put_vectors", "NotFoundException", http_status_code=404, expected_params=put)
        made = {
            "vectorBucketArn": BUCKET_ARN,
            "indexName": name,
            "dataType": "float32",
            "dimension": 384,
            "distanceMetric": "cosine",
            "metadataConfiguration": {"nonFilterableMetadataKeys": ["document_id", "version", "number", "span"]},
        }
        stub.add_client_error("create_index", "ConflictException", http_status_code=409, expected_params=made)
        stub.add_response("put_vectors", {}, put)
        library.put(BRIDGE)
        asked = {
            **where,
            "topK": 30,
            "queryVector": {"float32": vector},
            "filter": {"project": {"$eq": _project_mark("p1")}},
            "returnMetadata": True,
            "returnDistance": True,
        }
        found = {"key": "v00000001-0", "distance": 0.25, "metadata": metadata}
        stub.add_response("query_vectors", {"vectors": [found], "distanceMetric": "cosine"}, asked)
        assert library.search(BRIDGE["text"], project_id="p1").results[0].score == 0.75
        stub.add_response("delete_vectors", {}, {**where, "keys": ["v00000001-0"]})
        library.remove("bridge")
        stub.assert_no_pending_responses()
        stub.add_client_error("query_vectors", "TooManyRequestsException", http_status_code=429)
        with pytest.raises(UnavailableError):
            library.search("girders")
