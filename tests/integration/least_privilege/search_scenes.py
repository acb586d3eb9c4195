"""What the functions of the embeddings index do in their lives, over the embedded index and over S3 Vectors."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import boto3

from besunny.aws.dynamo import from_item
from besunny.inference.search.index import StoredDocument
from besunny.inference.search.s3_vectors import _index_name
from besunny.inference.search.sweeps import Sweep, Sweeps, Vectors
from tests.integration.least_privilege.account import Account

TEXT = "Corroded girders on the north span of the bridge."
# As many as the embedded index lets lie; one more, and the next change merges them.
MANY = 24


def play(account: Account) -> None:
    """All scenes, one after the other."""
    for scene in (embedded_index, merge_by_put, swept, s3_vectors):
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


def swept(account: Account) -> None:
    """What a tenant left that does nothing more."""
    remove(account, "e0")
    account.now += timedelta(minutes=2)
    assert account.invoke("ReconcileWorkflowsFunction", {})["swept"]["index"]


def s3_vectors(account: Account) -> None:
    """The same over S3 Vectors, in a deployment that chose it."""
    account.parameters["VectorIndex"] = "s3-vectors"
    account.conditions.add("UsesS3Vectors")
    put(account, "v1")
    put(account, "v1", TEXT + " Again.")
    assert found(account)[0] == "v1"
    remove(account, "v1")
    assert found(account) == []
    put(account, "v2")
    swept_vectors(account)
    account.parameters["VectorIndex"] = "embedded"
    account.conditions.clear()


def swept_vectors(account: Account) -> None:
    """As if the process that indexed the document had ended before the commit."""
    table = account.names.refs["IndexTable"]
    client = boto3.client("dynamodb")
    (item,) = [one for one in client.scan(TableName=table)["Items"] if one["sk"]["S"] == "DOCUMENT#v2"]
    document = StoredDocument.model_validate(from_item(item))
    vectors = Vectors(index=_index_name("acme", document.model), version=document.version, chunks=document.chunks)
    left = Sweep(sweep_id="left", objects=[document.text_key], vectors=[vectors])
    Sweeps(client, table).announce("acme", left, now=account.now)
    account.now += timedelta(minutes=17)
    assert account.invoke("ReconcileWorkflowsFunction", {})["swept"]["index"]
