"""What the functions of the embeddings index do in their lives, over the embedded index and over S3 Vectors."""

from __future__ import annotations

from typing import Any

from tests.integration.least_privilege.account import Account

TEXT = "Corroded girders on the north span of the bridge."
# As many as the embedded index lets lie; one more, and the next change merges them.
MANY = 24


def play(account: Account) -> None:
    """All scenes, one after the other."""
    for scene in (embedded_index, merge_by_put, s3_vectors):
        scene(account)


def put(account: Account, name: str, text: str = TEXT) -> dict[str, Any]:
    """One document, indexed."""
    return account.call("IndexDocumentsFunction", body={"document_id": name, "text": text, "project_id": "p1"})


def remove(account: Account, name: str) -> None:
    """One document, removed."""
    account.call("RemoveDocumentFunction", path={"document_id": name})


def found(account: Account) -> list[str]:
    """What a search finds."""
    answer = account.call("SearchDocumentsFunction", body={"query": TEXT, "threshold": 0.9, "top_k": 100})
    return [hit["document_id"] for hit in answer["results"]]


def embedded_index(account: Account) -> None:
    """Indexed, found, replaced, removed; a removal that comes upon many segments merges them."""
    put(account, "one")
    assert found(account) == ["one"]
    put(account, "one", "Painting begins in May.")
    assert found(account) == []
    for number in range(MANY):
        put(account, f"d{number}")
    remove(account, "one")
    assert len(found(account)) == MANY


def merge_by_put(account: Account) -> None:
    """A put that comes upon many segments merges them."""
    for number in range(2 * MANY):
        put(account, f"e{number}")
    assert len(found(account)) == 3 * MANY


def s3_vectors(account: Account) -> None:
    """The same over S3 Vectors, in a deployment that chose it."""
    account.parameters["VectorIndex"] = "s3-vectors"
    account.conditions.add("UsesS3Vectors")
    put(account, "v1")
    put(account, "v1", TEXT + " Again.")
    assert found(account)[0] == "v1"
    remove(account, "v1")
    assert found(account) == []
    account.parameters["VectorIndex"] = "embedded"
    account.conditions.clear()
