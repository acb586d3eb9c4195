"""What is known of indexed documents, in the index's table: an item each, beside the tenant's sweeps and audit."""

from __future__ import annotations

import random
import time
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from besunny.audit import audit_record
from besunny.aws.dynamo import from_item, to_attribute, to_item
from besunny.clock import to_epoch, to_iso
from besunny.errors import UnavailableError
from besunny.inference.search.index import StoredDocument
from besunny.inference.search.retry import Sleep

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_AUDIT_KEPT = timedelta(days=400)
# Keys of one BatchGetItem, and how often it is asked for those that it left out: 1.6 s of waiting, or up to twice that.
_AT_ONCE = 100
_TRIES = 5
LOST = "lost"
"""The index of a document whose vectors are lost: to index it again is a change, though it be the same."""


class DocumentItems:
    """The documents' items.

    Args:
        sleep: waits that many seconds where DynamoDB is too busy to read all that was asked for.
    """

    def __init__(self, client: DynamoDBClient, table: str, *, sleep: Sleep = time.sleep) -> None:
        self._client = client
        self._table = table
        self._sleep = sleep

    def get(self, tenant_id: str, document_ids: Sequence[str]) -> dict[str, StoredDocument]:
        """Those of the documents that are indexed, by id, read consistently.

        Raises:
            UnavailableError: DynamoDB stayed too busy to read them all.
        """
        keys = [_key(tenant_id, document_id) for document_id in dict.fromkeys(document_ids)]
        found = [
            document for first in range(0, len(keys), _AT_ONCE) for document in self._read(keys[first:][:_AT_ONCE])
        ]
        return {document.document_id: document for document in found}

    def _read(self, keys: list[Any]) -> list[StoredDocument]:
        found: list[StoredDocument] = []
        wanted: Any = {self._table: {"Keys": keys, "ConsistentRead": True}}
        for attempt in range(_TRIES):
            answer = self._client.batch_get_item(RequestItems=wanted)
            items = answer["Responses"].get(self._table, [])
            found += [StoredDocument.model_validate(from_item(item)) for item in items]
            wanted = answer.get("UnprocessedKeys")
            if not wanted:
                return found
            self._sleep(0.05 * 2**attempt * (1 + random.random()))
        raise UnavailableError("the index is too busy to be read; try again")

    def of_project(self, tenant_id: str, project_id: str, *, limit: int) -> list[StoredDocument]:
        """Some documents of a project, as the index by project knows them (a moment behind)."""
        answer = self._client.query(
            TableName=self._table,
            IndexName="by_project",
            KeyConditionExpression="project_key = :project",
            ExpressionAttributeValues={":project": to_attribute(_project_key(tenant_id, project_id))},
            Limit=limit,
        )
        return [StoredDocument.model_validate(from_item(item)) for item in answer["Items"]]

    def chunks_of_others(self, tenant_id: str, project_id: str | None, *, model: str, index: str) -> int:
        """Chunks of documents of another model or in another index; counted in the tenant's first documents (1 MB)."""
        values = {":tenant": tenant_id, ":document": "DOCUMENT#", ":model": model, ":index": index}
        of_project = "" if project_id is None else " AND project_id = :project"
        answer = self._client.query(
            TableName=self._table,
            KeyConditionExpression="pk = :tenant AND begins_with(sk, :document)",
            FilterExpression=f"(#model <> :model OR #index <> :index){of_project}",
            ExpressionAttributeNames={"#model": "model", "#index": "index"},
            ExpressionAttributeValues={
                name: to_attribute(value)
                for name, value in (values | ({} if project_id is None else {":project": project_id})).items()
            },
            ConsistentRead=True,
        )
        return sum(from_item(item)["chunks"] for item in answer["Items"])

    def without_vectors(self, tenant_id: str, *, index: str, held: Collection[str]) -> list[StoredDocument]:
        """The tenant's documents in an index that does not hold their version."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :tenant AND begins_with(sk, :document)",
            ExpressionAttributeValues=to_item({":tenant": tenant_id, ":document": "DOCUMENT#"}),
            ConsistentRead=True,
        )
        found = (StoredDocument.model_validate(from_item(item)) for page in pages for item in page["Items"])
        return [document for document in found if document.index == index and document.version not in held]

    def mark_lost(self, tenant_id: str, document: StoredDocument) -> None:
        """Say that no index keeps this document's vectors, unless it was replaced or removed meanwhile."""
        lost = document.model_copy(update={"index": LOST})
        put = self.only_over(self.put(tenant_id, lost), document)["Put"]
        try:
            self._client.put_item(**put)
        except self._client.exceptions.ConditionalCheckFailedException:
            return

    def put(self, tenant_id: str, document: StoredDocument) -> dict[str, Any]:
        """A transaction's write of a document."""
        project = None if document.project_id is None else _project_key(tenant_id, document.project_id)
        item = {**to_item({**document.model_dump(), "project_key": project}), **_key(tenant_id, document.document_id)}
        return {"Put": {"TableName": self._table, "Item": item}}

    def remove(self, tenant_id: str, document_id: str) -> dict[str, Any]:
        """A transaction's removal of a document."""
        return {"Delete": {"TableName": self._table, "Key": _key(tenant_id, document_id)}}

    def only_over(self, write: dict[str, Any], replaced: StoredDocument | None) -> dict[str, Any]:
        """The same write, refused unless this is what stands there (None: nothing)."""
        condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(pk)"}
        if replaced is not None:
            condition = {
                "ConditionExpression": "version = :version",
                "ExpressionAttributeValues": {":version": to_attribute(replaced.version)},
            }
        return {kind: {**request, **condition} for kind, request in write.items()}

    def audit(
        self, tenant_id: str, *, action: str, actor: str, change: str, now: datetime, detail: dict[str, int]
    ) -> dict[str, Any]:
        """A transaction's audit record.

        Args:
            change: an id that no other change of this tenant has.
            detail: counts.
        """
        record = audit_record(subject=f"index/{change}", action=action, actor=actor, now=now, detail=detail)
        key = {"pk": tenant_id, "sk": f"AUDIT#{to_iso(now)}#{change}"}
        return {
            "Put": {
                "TableName": self._table,
                "Item": to_item({**key, **record, "expires_at": to_epoch(now + _AUDIT_KEPT)}),
            }
        }


def _key(tenant_id: str, document_id: str) -> dict[str, Any]:
    return to_item({"pk": tenant_id, "sk": f"DOCUMENT#{document_id}"})


def _project_key(tenant_id: str, project_id: str) -> str:
    # Quoted, so that no tenant and project together read as another tenant's.
    return f"{quote(tenant_id, safe='')}#{project_id}"
