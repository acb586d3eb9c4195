"""The review queue: classifications that a person should look at, claimed by one and resolved once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict

from besunny.aws import clients
from besunny.aws.dynamo import from_item, is_condition_failure, to_attribute, to_item, write_together
from besunny.clock import to_epoch, to_iso
from besunny.errors import ConflictError, NotFoundError
from besunny.feedback import keys
from besunny.feedback.audits import audit_write
from besunny.feedback.pages import Place, filtered_page

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ReviewStatus = Literal["open", "claimed", "resolved"]
CLAIM_MINUTES = 15
KEPT_DAYS = 90
# A review remembers so many of the projects that there were to choose from.
MOST_PROJECTS = 500


class Review(BaseModel):
    """A document whose classification is in doubt.

    Attributes:
        key: of the document (`keys.document_key`).
        owners: who sent the document.
        projects: ids of those that there were to choose from; not all where there were very many.
        suggested_project_id: the best project, also where its confidence was too low to choose it.
        claimed_until: until when nobody else may claim or resolve it.
        project_id: where it was resolved to belong; empty for none, null while it is open.
    """

    model_config = ConfigDict(frozen=True)

    key: str
    owners: list[str]
    type: str
    subject: str = ""
    author: str = ""
    source_id: str = ""
    excerpt: str
    suggested_project_id: str = ""
    confidence: float
    alternatives: list[dict[str, Any]] = []
    projects: list[str] = []
    notes: str = ""
    created_at: str
    claimed_by: str | None = None
    claimed_until: str | None = None
    resolved_by: str | None = None
    resolved_at: str | None = None
    project_id: str | None = None

    @property
    def place(self) -> Place:
        """Where it stands in its queue."""
        return {"sk": f"{keys.REVIEW}{self.key}", "review_sort": f"{self.created_at}#{self.key}"}

    def status(self, now: datetime) -> ReviewStatus:
        """`claimed` only as long as the claim holds."""
        if self.resolved_at:
            return "resolved"
        return "claimed" if self.claimed_until and self.claimed_until > to_iso(now) else "open"


class Reviews:
    """The review queues of all tenants; every call is of one.

    Args:
        table: the feedback table.
        client: DynamoDB's; that of this process unless given.
    """

    def __init__(self, table: str, client: DynamoDBClient | None = None) -> None:
        self._table = table
        self._client = client or clients.dynamodb()

    def join(self, tenant_id: str, key: str, owner: str) -> bool:
        """Whether the document waits already; if so, it waits for this owner too."""
        try:
            self._client.update_item(
                TableName=self._table,
                Key=to_item(keys.review(tenant_id, key)),
                UpdateExpression="ADD owners :owner",
                ConditionExpression=_UNRESOLVED,
                ExpressionAttributeValues={":owner": {"SS": [owner]}},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def add(self, tenant_id: str, review: Review, *, now: datetime) -> None:
        """Queue a document; one that waits already keeps its place, a resolved one opens again."""
        item = {
            **keys.review(tenant_id, review.key),
            **review.model_dump(),
            "owners": set(review.owners),
            "review_queue": keys.queue(tenant_id, resolved=False),
            "review_sort": f"{review.created_at}#{review.key}",
            "expires_at": to_epoch(now + timedelta(days=KEPT_DAYS)),
        }
        try:
            self._client.put_item(
                TableName=self._table,
                Item=to_item(item),
                ConditionExpression="attribute_not_exists(pk) OR attribute_exists(resolved_at)",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return

    def find(self, tenant_id: str, key: str, *, owner: str | None) -> Review:
        """A review.

        Args:
            owner: who must have sent the document; None where the caller sees the whole tenant's.

        Raises:
            NotFoundError: none, or not the caller's.
        """
        found = None
        if keys.is_document_key(key):
            found = self._client.get_item(
                TableName=self._table, Key=to_item(keys.review(tenant_id, key)), ConsistentRead=True
            ).get("Item")
        review = _review(from_item(found)) if found else None
        if review is None or (owner is not None and owner not in review.owners):
            raise NotFoundError("no such review")
        return review

    def page(
        self,
        tenant_id: str,
        *,
        status: ReviewStatus | None,
        owner: str | None,
        limit: int,
        start: Place | None,
        now: datetime,
    ) -> tuple[list[Review], Place | None]:
        """A page, oldest first, and the place to go on from (None on the last).

        Args:
            status: None for all that are not resolved.
            owner: None for the whole tenant's.
        """
        queue = keys.queue(tenant_id, resolved=status == "resolved")
        rest = {"pk": tenant_id, "review_queue": queue}

        def wanted(review: Review) -> bool:
            return (owner is None or owner in review.owners) and status in (None, review.status(now))

        def query(options: dict[str, Any]) -> Any:
            return self._client.query(
                TableName=self._table,
                IndexName=keys.REVIEWS_INDEX,
                KeyConditionExpression="review_queue = :queue",
                ExpressionAttributeValues={":queue": to_attribute(queue)},
                **options,
            )

        return filtered_page(query, _review, wanted, place=lambda one: one.place, rest=rest, limit=limit, start=start)

    def claim(self, tenant_id: str, review: Review, *, by: str, now: datetime) -> Review:
        """Take a review for `CLAIM_MINUTES`; the same person again extends the claim.

        Raises:
            ConflictError: it is resolved, or somebody else's for now.
        """
        until = to_iso(now + timedelta(minutes=CLAIM_MINUTES))
        update = {
            "TableName": self._table,
            "Key": to_item(keys.review(tenant_id, review.key)),
            "UpdateExpression": "SET claimed_by = :by, claimed_until = :until",
            "ConditionExpression": _FREE,
            "ExpressionAttributeValues": _values(by=by, now=to_iso(now), until=until),
        }
        audit = audit_write(
            self._table, tenant_id, review.key, action="review_claimed", actor=by, now=now, detail={"until": until}
        )
        self._together([{"Update": update}, audit])
        return review.model_copy(update={"claimed_by": by, "claimed_until": until})

    def resolution(
        self, tenant_id: str, review: Review, *, project_id: str, by: str, now: datetime, heeds_claims: bool
    ) -> list[dict[str, Any]]:
        """The writes that resolve a review, for the transaction that keeps the correction.

        Args:
            heeds_claims: whether the transaction fails where somebody else holds the review; it always does where the
                review is resolved.
        """
        update = {
            "TableName": self._table,
            "Key": to_item(keys.review(tenant_id, review.key)),
            "UpdateExpression": (
                "SET resolved_by = :by, resolved_at = :now, project_id = :project, review_queue = :queue"
            ),
            "ConditionExpression": _FREE if heeds_claims else _UNRESOLVED,
            "ExpressionAttributeValues": _values(
                by=by, now=to_iso(now), project=project_id, queue=keys.queue(tenant_id, resolved=True)
            ),
        }
        audit = audit_write(
            self._table,
            tenant_id,
            review.key,
            action="review_resolved",
            actor=by,
            now=now,
            detail={"project_id": project_id},
        )
        return [{"Update": update}, audit]

    def _together(self, writes: list[dict[str, Any]]) -> None:
        try:
            write_together(self._client, writes)
        except self._client.exceptions.ClientError as error:
            if is_condition_failure(error):
                raise ConflictError("the review is resolved, or claimed by somebody else for now") from error
            raise


_UNRESOLVED = "attribute_exists(pk) AND attribute_not_exists(resolved_at)"
_FREE = f"{_UNRESOLVED} AND (attribute_not_exists(claimed_by) OR claimed_by = :by OR claimed_until <= :now)"


def _review(values: dict[str, Any]) -> Review:
    return Review.model_validate({**values, "owners": sorted(values["owners"])})


def _values(**values: Any) -> dict[str, Any]:
    return {f":{name}": to_attribute(value) for name, value in values.items()}
