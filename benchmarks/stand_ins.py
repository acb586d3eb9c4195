"""Dictionaries that stand for DynamoDB and S3 where a benchmark counts requests and measures the code alone."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError


@dataclass
class Counter:
    """Requests since `start`."""

    dynamodb: int = 0
    s3_get: int = 0
    s3_put: int = 0
    s3_bytes: int = 0

    def start(self) -> None:
        """From zero."""
        self.dynamodb = self.s3_get = self.s3_put = self.s3_bytes = 0


class Errors:
    """`exceptions` of a client."""

    ClientError = ClientError


@dataclass
class DictionaryOfItems:
    """DynamoDB's client, as far as the embeddings index uses it, with one table; one writer, so conditions hold."""

    counter: Counter
    held: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    exceptions = Errors

    def get_item(self, *, Key: dict[str, Any], **_: Any) -> dict[str, Any]:
        """One item."""
        self.counter.dynamodb += 1
        found = self.held.get(key_of(Key))
        return {} if found is None else {"Item": found}

    def batch_get_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:
        """Several items."""
        self.counter.dynamodb += 1
        ((table, wanted),) = RequestItems.items()
        keys = [key_of(key) for key in wanted["Keys"]]
        return {"Responses": {table: [self.held[key] for key in keys if key in self.held]}}

    def put_item(self, *, Item: dict[str, Any], **_: Any) -> None:
        """One write."""
        self.counter.dynamodb += 1
        self.held[key_of(Item)] = Item

    def delete_item(self, *, Key: dict[str, Any], **_: Any) -> None:
        """One removal."""
        self.counter.dynamodb += 1
        self.held.pop(key_of(Key), None)

    def transact_write_items(self, *, TransactItems: list[dict[str, Any]], **_: Any) -> dict[str, Any]:
        """Several writes."""
        self.counter.dynamodb += 1
        for write in TransactItems:
            if "Put" in write:
                self.held[key_of(write["Put"]["Item"])] = write["Put"]["Item"]
            else:
                self.held.pop(key_of(write["Delete"]["Key"]), None)
        return {}

    def get_paginator(self, _: str) -> DictionaryOfItems:
        """Of Query."""
        return self

    def paginate(self, *, ExpressionAttributeValues: dict[str, Any], **_: Any) -> list[dict[str, Any]]:
        """The tenant's items whose sort key begins as asked."""
        self.counter.dynamodb += 1
        begin = ExpressionAttributeValues[":sweep"]["S"]
        return [{"Items": [item for (_, sort), item in self.held.items() if sort.startswith(begin)]}]


def key_of(item: dict[str, Any]) -> tuple[str, str]:
    """The key of an item."""
    return item["pk"]["S"], item["sk"]["S"]


@dataclass
class DictionaryOfObjects:
    """S3's client, as far as the index uses it."""

    counter: Counter
    held: dict[str, bytes] = field(default_factory=dict)

    exceptions = Errors

    def put_object(self, *, Key: str, Body: bytes, **_: str) -> None:
        """PUT."""
        self.counter.s3_put += 1
        self.held[Key] = Body

    def get_object(self, *, Key: str, Range: str, **_: str) -> dict[str, Any]:
        """GET of a range."""
        start, _, last = Range.removeprefix("bytes=").partition("-")
        body = self.held[Key][int(start) : int(last) + 1 if last else None]
        self.counter.s3_get += 1
        self.counter.s3_bytes += len(body)
        return {"Body": io.BytesIO(body)}

    def delete_objects(self, *, Delete: dict[str, Any], **_: str) -> dict[str, Any]:
        """DELETE of several."""
        for entry in Delete["Objects"]:
            self.held.pop(entry["Key"], None)
        return {}
