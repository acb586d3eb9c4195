"""The embeddings index over HTTP: a tenant finds its own documents by meaning until it removes them."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest

from tests.e2e.client import Client
from tests.e2e.samples import BRIDGE_MAIL, CLINIC_MAIL, UNRELATED, real_meeting

pytestmark = pytest.mark.e2e

INDEX, SEARCH = "/v1/ai-services/embeddings/index", "/v1/ai-services/embeddings/search"
MAIL_ID = "<CAF0=x+1@mail.example>"


def member(stack, tenant=None):
    return Client(stack.api_url, stack.token(role="user", sub="alice", tenant=tenant or f"t-{uuid.uuid4().hex[:8]}"))


@pytest.fixture
def alice(stack):
    return member(stack)


def put(client, *documents, **options):
    response = client.post(INDEX, {"documents": list(documents), **options})
    assert response.status_code == 200, response.text
    return response.json()


def search(client, query, **options):
    response = client.post(SEARCH, {"query": query, **options})
    assert response.status_code == 200, response.text
    return response.json()


def test_index_search_remove(stack, alice):
    meeting = "\n".join(f"{segment['speaker']}: {segment['text']}" for segment in real_meeting()["segments"])
    documents = [
        {"document_id": MAIL_ID, "project_id": "p-harbour", "title": "Girders", "text": BRIDGE_MAIL["content_text"]},
        {"document_id": "clinic", "project_id": "p-vaccine", "text": CLINIC_MAIL["content_text"]},
        {"document_id": "bread", "text": UNRELATED["content_text"]},
        {"document_id": "meeting", "text": meeting},
    ]
    answer = put(alice, *documents)
    assert answer["total_chunks"] == answer["chunks"] > 20
    found = search(alice, "rust on the steel of the bridge", threshold=0.3, top_k=3)
    best = found["results"][0]
    assert (best["document_id"], best["project_id"], best["title"]) == (MAIL_ID, "p-harbour", "Girders")
    assert best["text"] == BRIDGE_MAIL["content_text"][best["start"] : best["end"]]
    assert found["searched_chunks"] == answer["chunks"]
    remote = search(alice, "a remote control with fewer buttons", threshold=0.3)["results"]
    assert {hit["document_id"] for hit in remote} == {"meeting"}
    assert all(meeting[hit["start"] : hit["end"]] == hit["text"] for hit in remote)
    of_project = search(alice, "opening hours", threshold=-1, project_id="p-vaccine")
    assert {hit["document_id"] for hit in of_project["results"]} == {"clinic"}

    stranger = member(stack)
    nothing = search(stranger, "rust on the steel of the bridge", threshold=-1)
    assert (nothing["results"], nothing["searched_chunks"]) == ([], 0)
    assert stranger.call("DELETE", f"{INDEX}/clinic").status_code == 404

    gone = alice.call("DELETE", f"{INDEX}/{quote(MAIL_ID, safe='')}")
    assert (gone.status_code, gone.json()["document_id"]) == (200, MAIL_ID)
    after = search(alice, "rust on the steel of the bridge", threshold=-1, top_k=100)
    assert MAIL_ID not in {hit["document_id"] for hit in after["results"]}
    assert alice.call("DELETE", f"{INDEX}/{quote(MAIL_ID, safe='')}").status_code == 404


def test_what_the_default_threshold_hides_is_said(alice):
    put(alice, {"document_id": "bridge", "text": BRIDGE_MAIL["content_text"]})
    answer = search(alice, "How much does the extra steel cost?")
    assert answer["threshold"] == 0.7
    assert answer["results"] == []
    assert answer["below_threshold"] == answer["searched_chunks"] > 0
    assert 0.2 < answer["best_score"] < 0.7
    assert "threshold" in answer["note"]


def test_twelve_that_index_at_once_lose_nothing_and_each_sees_its_own(alice):
    def work(number):
        for version in range(2):
            text = f"Report {number}, version {version}: turbine {number} was oiled."
            put(alice, {"document_id": f"d{number}", "text": text})
            found = search(alice, text, threshold=0.9, top_k=100)["results"]
            assert text in {hit["text"] for hit in found}
        return text

    with ThreadPoolExecutor(12) as pool:
        texts = set(pool.map(work, range(12)))
    found = search(alice, "turbine report", threshold=-1, top_k=100)
    assert {hit["text"] for hit in found["results"]} == texts
    assert found["searched_chunks"] == 12


def test_the_index_outlives_every_process(stack, alice):
    put(alice, {"document_id": "bridge", "text": BRIDGE_MAIL["content_text"]})
    stack.kill_functions()
    assert search(alice, "corroded girders", threshold=0.2)["results"][0]["document_id"] == "bridge"


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (INDEX, {"documents": [{"document_id": "a/b", "text": "x"}]}, "documents.0.document_id"),
        (INDEX, {"documents": [{"document_id": "a", "text": "word. " * 90_000}]}, "documents"),
        (SEARCH, {"query": "x", "top_k": 1000}, "top_k"),
        (SEARCH, {"vector": [1, 2, 3]}, "vector"),
    ],
)
def test_what_cannot_be_done_names_its_field(alice, path, body, field):
    response = alice.post(path, body)
    assert response.status_code == 422, response.text
    assert [error["field"] for error in response.json()["errors"]] == [field]
    assert response.json()["errors"][0]["fix"]
