"""Corrections: documents of which a person said where they belong, kept by content and tenant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from besunny.aws import clients
from besunny.aws.dynamo import from_item, is_condition_failure, to_attribute, to_item, write_together
from besunny.clock import to_iso
from besunny.errors import ConflictError, ForbiddenError, NotFoundError
from besunny.feedback import keys
from besunny.feedback.audits import audit_write
from besunny.feedback.pages import Place, filtered_page

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MOST = 1000


class Correction(BaseModel):
    """One document and where it belongs.

    Attributes:
        key: of the document (`keys.document_key`).
        project_id: empty where it belongs to none.
        vector: of the whole document, float16[384] of L2 norm 1, as bytes; null in lists, which do not read it.
        model: the engine's model and version that made `vector`.
    """

    model_config = ConfigDict(frozen=True)

    key: str
    project_id: str
    vector: bytes | None = None
    model: str
    subject: str = ""
    excerpt: str = ""
    source_id: str = ""
    note: str = ""
    created_by: str
    created_at: str


class Corrections:
    """The corrections of all tenants; every call is of one.

    Args:
        table: with `pk` (the tenant) and `sk`.
        client: DynamoDB's; that of this process unless given.
    """

    def __init__(self, table: str, client: DynamoDBClient | None = None) -> None:
        self._table = table
        self._client = client or clients.dynamodb()

    def revision(self, tenant_id: str) -> int:
        """How often the tenant's corrections have changed; 0 before the first."""
        found = self._client.get_item(
            TableName=self._table, Key=to_item(keys.state(tenant_id)), ConsistentRead=True
        ).get("Item")
        return int(from_item(found)["revision"]) if found else 0

    def find(self, tenant_id: str, key: str) -> Correction | None:
        """The correction of one document."""
        found = self._client.get_item(
            TableName=self._table, Key=to_item(keys.correction(tenant_id, key)), ConsistentRead=True
        ).get("Item")
        return _correction(from_item(found)) if found else None

    def all_of(self, tenant_id: str) -> list[Correction]:
        """Every correction of a tenant, ordered by key; at most `MOST`."""
        pages = self._client.get_paginator("query").paginate(**self._query(tenant_id), ConsistentRead=True)
        return [_correction(from_item(item)) for page in pages for item in page["Items"]]

    def page(
        self, tenant_id: str, *, owner: str | None, limit: int, start: Place | None
    ) -> tuple[list[Correction], Place | None]:
        """A page of corrections without vectors, and the place to go on from (None on the last).

        Args:
            owner: who must have made them; None for the whole tenant's.
        """
        names = [name for name in Correction.model_fields if name != "vector"]

        def query(options: dict[str, Any]) -> Any:
            return self._client.query(
                **self._query(tenant_id),
                ProjectionExpression=", ".join(f"#{name}" for name in names),
                ExpressionAttributeNames={f"#{name}": name for name in names},
                **options,
            )

        return filtered_page(
            query,
            _correction,
            lambda one: owner in (None, one.created_by),
            place=lambda one: {"sk": f"{keys.CORRECTION}{one.key}"},
            rest={"pk": tenant_id},
            limit=limit,
            start=start,
        )

    def _query(self, tenant_id: str) -> dict[str, Any]:
        return {
            "TableName": self._table,
            "KeyConditionExpression": "pk = :tenant AND begins_with(sk, :kind)",
            "ExpressionAttributeValues": {":tenant": to_attribute(tenant_id), ":kind": to_attribute(keys.CORRECTION)},
        }

    def put(
        self,
        tenant_id: str,
        correction: Correction,
        *,
        owner: str | None,
        now: datetime,
        with_writes: list[dict[str, Any]] | None = None,
    ) -> str | None:
        """Keep a correction in place of an earlier one of the same document.

        Args:
            owner: who must have made the earlier one; None for who may change the whole tenant's.
            with_writes: what else is written in the same transaction.

        Returns:
            The project that the earlier correction named; None where there was none.

        Raises:
            ForbiddenError: the earlier one is somebody else's.
            ConflictError: the tenant has `MOST` corrections, or somebody changed this one at the same moment.
        """
        before = self.find(tenant_id, correction.key)
        _check_owner(before, owner)
        item = {**keys.correction(tenant_id, correction.key), **correction.model_dump()}
        put: dict[str, Any] = {"TableName": self._table, "Item": to_item(item)}
        if before:
            put["ConditionExpression"] = "created_at = :before"
            put["ExpressionAttributeValues"] = {":before": to_attribute(before.created_at)}
        else:
            put["ConditionExpression"] = "attribute_not_exists(pk)"
        detail = {"project_id": correction.project_id, "was": before.project_id if before else None}
        self._commit(
            tenant_id,
            [{"Put": put}, *(with_writes or [])],
            added=0 if before else 1,
            audit=audit_write(
                self._table,
                tenant_id,
                correction.key,
                action="corrected",
                actor=correction.created_by,
                now=now,
                detail=detail,
            ),
        )
        return before.project_id if before else None

    def renew(self, tenant_id: str, correction: Correction, *, was: str) -> None:
        """Keep a new vector of the same correction, unless it was changed, renewed or removed meanwhile.

        Args:
            was: the model of the vector that this one replaces.
        """
        try:
            self._client.update_item(
                TableName=self._table,
                Key=to_item(keys.correction(tenant_id, correction.key)),
                UpdateExpression="SET vector = :vector, #model = :model",
                ConditionExpression="#model = :was AND created_at = :created",
                ExpressionAttributeNames={"#model": "model"},
                ExpressionAttributeValues={
                    ":vector": to_attribute(correction.vector),
                    ":model": to_attribute(correction.model),
                    ":was": to_attribute(was),
                    ":created": to_attribute(correction.created_at),
                },
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return

    def remove(
        self,
        tenant_id: str,
        key: str,
        *,
        actor: str,
        owner: str | None,
        now: datetime,
        with_writes: Sequence[dict[str, Any]] = (),
    ) -> None:
        """Forget a correction.

        Args:
            owner: who must have made it; None for who may change the whole tenant's.
            with_writes: as for `put`.

        Raises:
            NotFoundError: the tenant has no such correction.
            ForbiddenError: it is somebody else's.
        """
        found = self.find(tenant_id, key)
        if found is None:
            raise NotFoundError("no such correction")
        _check_owner(found, owner)
        delete = {
            "TableName": self._table,
            "Key": to_item(keys.correction(tenant_id, key)),
            "ConditionExpression": "created_at = :found",
            "ExpressionAttributeValues": {":found": to_attribute(found.created_at)},
        }
        audit = audit_write(self._table, tenant_id, key, action="correction_removed", actor=actor, now=now, detail={})
        self._commit(tenant_id, [{"Delete": delete}, *with_writes], added=-1, audit=audit)

    def _commit(self, tenant_id: str, writes: list[dict[str, Any]], *, added: int, audit: dict[str, Any]) -> None:
        count: dict[str, Any] = {
            "TableName": self._table,
            "Key": to_item(keys.state(tenant_id)),
            "UpdateExpression": "ADD revision :one, corrections :added",
            "ExpressionAttributeValues": {":one": to_attribute(1), ":added": to_attribute(added)},
        }
        if added > 0:
            count["ConditionExpression"] = "attribute_not_exists(corrections) OR corrections < :most"
            count["ExpressionAttributeValues"][":most"] = to_attribute(MOST)
        try:
            write_together(self._client, [*writes, {"Update": count}, audit])
        except self._client.exceptions.ClientError as error:
            if not is_condition_failure(error):
                raise
            raise ConflictError(
                "somebody else holds or changed the same document: look again; or the tenant has its "
                f"{MOST} corrections: remove some first"
            ) from error


def _check_owner(found: Correction | None, owner: str | None) -> None:
    if found and owner not in (None, found.created_by):
        raise ForbiddenError("a colleague corrected this document; they, or an analyst of the tenant, may change that")


def new_correction(
    document: dict[str, Any], *, key: str, project_id: str, vector: bytes, model: str, note: str, by: str, now: datetime
) -> Correction:
    """The correction of a document (its fields as in `contracts.common.Document`)."""
    return Correction(
        key=key,
        project_id=project_id,
        vector=vector,
        model=model,
        subject=document.get("subject", "")[:200],
        excerpt=" ".join(document["content_text"][:800].split())[:400],
        source_id=document.get("source_id", "")[:200],
        note=note,
        created_by=by,
        created_at=to_iso(now),
    )


def _correction(values: dict[str, Any]) -> Correction:
    vector = values.get("vector")
    return Correction.model_validate({**values, "vector": bytes(vector) if vector is not None else None})
