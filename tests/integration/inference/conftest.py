"""The embeddings index on moto: the table as the template makes it, a bucket, and an engine of words."""

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from besunny.inference.contracts.search import IndexRequest, SearchRequest
from besunny.inference.search.documents import DocumentItems
from besunny.inference.search.embedded import EmbeddedIndex
from besunny.inference.search.indexing import index_documents, remove_document
from besunny.inference.search.objects import Objects
from besunny.inference.search.parts import SearchParts
from besunny.inference.search.searching import search_documents
from besunny.projects import Editor
from tests.infrastructure.template import resources
from tests.unit.inference.fake_engine import BagEngine

NOW = datetime(2026, 5, 4, 12, 0, 0, tzinfo=UTC)
TABLE, BUCKET = "IndexTable", "data"


def make_table(name):
    properties = dict(resources("AWS::DynamoDB::Table")[name])
    wanted = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
    boto3.client("dynamodb").create_table(
        TableName=name, **{key: properties[key] for key in wanted if key in properties}
    )


class Interrupted:
    """A DynamoDB client before whose first transactions somebody else acts."""

    def __init__(self, client, *acts):
        self._client, self._acts = client, list(acts)

    def __getattr__(self, name):
        return getattr(self._client, name)

    def transact_write_items(self, **request):
        if self._acts:
            self._acts.pop(0)()
        return self._client.transact_write_items(**request)


@dataclass
class Library:
    """The index as a caller of one tenant uses it, and what lies underneath."""

    parts: SearchParts
    now: datetime = NOW
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def put(self, *documents, tenant="acme", actor="alice", operator=False, **options):
        request = IndexRequest.model_validate({"documents": list(documents), **options})
        versions = self.numbers
        return index_documents(
            self.parts,
            request,
            Editor(tenant, actor, operator),
            now=self.now,
            make_version=lambda: f"v{next(versions):08d}",
        )

    def remove(self, document_id, *, tenant="acme", actor="alice", operator=False):
        return remove_document(self.parts, document_id, Editor(tenant, actor, operator), now=self.now)

    def search(self, query=None, *, tenant="acme", threshold=0.5, **options):
        fields = {"threshold": threshold, **options, **({} if query is None else {"query": query})}
        return search_documents(self.parts, SearchRequest.model_validate(fields), tenant_id=tenant)

    def pass_time(self, **span):
        self.now += timedelta(**span)

    def objects(self, folder=""):
        found = boto3.client("s3").list_objects_v2(Bucket=BUCKET, Prefix="index/").get("Contents", [])
        return sorted(entry["Key"] for entry in found if f"/{folder}" in entry["Key"])

    def items(self, begins=""):
        found = boto3.client("dynamodb").scan(TableName=TABLE)["Items"]
        return [item for item in found if item["sk"]["S"].startswith(begins)]


def objects():
    client = boto3.client("s3")
    return Objects(lambda: client, BUCKET)


def embedded_index(client=None, *, sleep=lambda seconds: None, max_chunks=100_000):
    return EmbeddedIndex(
        client or boto3.client("dynamodb"), TABLE, objects(), max_chunks=max_chunks, cache_bytes=10**8, sleep=sleep
    )


def library_over(index):
    return Library(SearchParts(BagEngine(), DocumentItems(boto3.client("dynamodb"), TABLE), objects(), index))


@pytest.fixture
def aws(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        make_table(TABLE)
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        yield


@pytest.fixture
def library(aws):
    return library_over(embedded_index())
