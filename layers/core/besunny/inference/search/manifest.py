"""The manifest of a tenant's embedded index: one item that says which segments hold it, changed by condition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from besunny.aws.dynamo import from_item, to_attribute, to_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_MOST_SEGMENTS = 24
_MOST_DEAD = 512
_MERGED_AT_LEAST = 8
_SPARE_ROWS = 1000


class SegmentEntry(BaseModel):
    """A segment.

    Attributes:
        segment_id: names its object.
        rows: chunks in it, dead ones too.
        sole: the version of its only document; None where it has several.
    """

    model_config = ConfigDict(frozen=True)

    segment_id: str
    rows: int
    model: str
    sole: str | None = None


class Manifest(BaseModel):
    """A state of the index.

    Attributes:
        number: counts changes.
        segments: oldest first.
        dead: versions of documents that segments still hold and no query may find.
        chunks: those that queries find, of any model.
    """

    number: int = 0
    segments: list[SegmentEntry] = []
    dead: list[str] = []
    chunks: int = 0

    def changed(
        self, *, added: SegmentEntry | None, gone: Sequence[str], chunks: int
    ) -> tuple[Manifest, list[SegmentEntry]]:
        """The manifest after a change, and the segments that nothing needs any more.

        Args:
            added: the new documents' segment.
            gone: versions that were replaced or removed.
            chunks: how many chunks more (or fewer) there are.
        """
        gone_now = set(gone)
        left = [entry for entry in self.segments if entry.sole in gone_now]
        kept = [entry for entry in self.segments if entry.sole not in gone_now]
        alone = {entry.sole for entry in left}
        return Manifest(
            number=self.number + 1,
            segments=[*kept, *([added] if added else [])],
            dead=[*self.dead, *(version for version in gone if version not in alone)],
            chunks=self.chunks + chunks,
        ), left

    def merged(self, old: Sequence[SegmentEntry], new: SegmentEntry | None, removed: set[str]) -> Manifest | None:
        """The manifest with segments merged into one; None where another change has taken one of them away."""
        ids = {entry.segment_id for entry in old}
        if not ids <= {entry.segment_id for entry in self.segments}:
            return None
        places = [place for place, entry in enumerate(self.segments) if entry.segment_id in ids]
        kept = [entry for entry in self.segments if entry.segment_id not in ids]
        first = places[0]
        return Manifest(
            number=self.number + 1,
            segments=[*kept[:first], *([new] if new else []), *kept[first:]],
            dead=[version for version in self.dead if version not in removed],
            chunks=self.chunks,
        )

    def without(self, lost: Sequence[SegmentEntry], held: Mapping[str, int]) -> Manifest:
        """The manifest without segments that are lost.

        Args:
            held: rows by version of all that the other segments hold, dead or not.
        """
        return Manifest(
            number=self.number + 1,
            segments=[entry for entry in self.segments if entry not in lost],
            dead=[version for version in self.dead if version in held],
            chunks=sum(rows for version, rows in held.items() if version not in set(self.dead)),
        )

    def to_merge(self) -> list[list[SegmentEntry]]:
        """Groups of segments to merge now, each of one model; empty while there is no need.

        All, where too much of them is dead; else, where there are many, the newest with each older one that is at most
        twice as large as they together: so a row is rewritten a number of times that grows with the logarithm.
        """
        rows = sum(entry.rows for entry in self.segments)
        models = dict.fromkeys(entry.model for entry in self.segments)
        groups = [[entry for entry in self.segments if entry.model == model] for model in models]
        if len(self.dead) > _MOST_DEAD or rows > 2 * self.chunks + _SPARE_ROWS:
            return groups
        return [_newest(group) for group in groups if len(group) > _MOST_SEGMENTS]


def _newest(group: list[SegmentEntry]) -> list[SegmentEntry]:
    chosen: list[SegmentEntry] = []
    total = 0
    for entry in reversed(group):
        if len(chosen) >= _MERGED_AT_LEAST and entry.rows > 2 * total:
            break
        chosen.insert(0, entry)
        total += entry.rows
    return chosen


class Manifests:
    """The manifests of all tenants."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table

    def get(self, tenant_id: str) -> Manifest:
        """The manifest as it stands, read consistently; an empty one where nothing was ever indexed."""
        answer = self._client.get_item(TableName=self._table, Key=_key(tenant_id), ConsistentRead=True)
        return Manifest.model_validate(from_item(answer["Item"])) if "Item" in answer else Manifest()

    def put(self, tenant_id: str, manifest: Manifest) -> dict[str, Any]:
        """A transaction's write, refused unless the manifest before this one stands."""
        condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(pk)"}
        if manifest.number > 1:
            condition = {
                # `number` is a reserved word.
                "ConditionExpression": "#number = :before",
                "ExpressionAttributeNames": {"#number": "number"},
                "ExpressionAttributeValues": {":before": to_attribute(manifest.number - 1)},
            }
        item = {**to_item(manifest.model_dump()), **_key(tenant_id)}
        return {"Put": {"TableName": self._table, "Item": item, **condition}}


def _key(tenant_id: str) -> dict[str, Any]:
    return to_item({"pk": tenant_id, "sk": "MANIFEST"})
