"""Stands between the functions of a laptop stack and its AWS, and counts what AWS would bill.

The units of DynamoDB are worked out from the items themselves (`request_units`): each key of a write is read before
and after it, beside the functions. That takes time: figures of time are taken without it.
"""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from benchmarks.request_units import Index, Item, TableShape, item_bytes, read_units, write_units

_SCOPE = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/")


class MeteringProxy:
    """Counts while it runs; `counts` has `read_units`, `write_units`, `s3_put`, `s3_get`, and requests by service.

    Args:
        aws_url: where requests go on to.
        client: of that DynamoDB.
    """

    def __init__(self, aws_url: str, client: Any) -> None:
        self.counts: Counter[str] = Counter()
        self._aws = urlsplit(aws_url)
        self._client = client
        self._shapes: dict[str, TableShape] = {}
        # One request at a time: what lies between two reads of an item is one write.
        self._alone = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self) -> str:
        """What to give the functions as `AWS_ENDPOINT_URL`."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def close(self) -> None:
        """End it."""
        self._http.shutdown()
        self._http.server_close()

    def take(self) -> Counter[str]:
        """What was counted since the last time."""
        with self._alone:
            found, self.counts = self.counts, Counter()
        return found

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, headers, answer = proxy.pass_on(self.command, self.path, dict(self.headers), body)
                self.send_response(status)
                for name, value in headers:
                    if name.lower() not in ("transfer-encoding", "content-length", "connection"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(answer)

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _any

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        return Handler

    def pass_on(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        """Send a request on and count it."""
        target = headers.get("X-Amz-Target", "")
        with self._alone:
            written = _writes(target, body)
            before = [self._item(table, key) for _, table, key in written]
            connection = HTTPConnection(self._aws.hostname or "", self._aws.port, timeout=60)
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            answer = response.read()
            connection.close()
            if target.startswith("DynamoDB_"):
                self._count_dynamodb(target, body, answer, written, before, ok=response.status == 200)
            else:
                self._count_other(method, headers)
        return response.status, response.getheaders(), answer

    def _count_dynamodb(
        self,
        target: str,
        body: bytes,
        answer: bytes,
        written: list[tuple[str, str, Item]],
        before: list[Item | None],
        *,
        ok: bool,
    ) -> None:
        transaction = target.endswith("TransactWriteItems")
        for (kind, table, key), old in zip(written, before, strict=True):
            new = self._item(table, key) if ok and kind != "ConditionCheck" else old
            self.counts["write_units"] += write_units(old, new, self._shape(table), transaction=transaction)  # type: ignore[assignment]
        if written or not ok:
            return
        asked, found = json.loads(body), json.loads(answer)
        if target.endswith("BatchGetItem"):
            for table, items in found["Responses"].items():
                wanted = asked["RequestItems"][table]
                sizes = [item_bytes(item) for item in items] + [0] * (len(wanted["Keys"]) - len(items))
                consistent = bool(wanted.get("ConsistentRead"))
                self.counts["read_units"] += read_units(sizes, consistent=consistent, together=False)  # type: ignore[assignment]
            return
        items = [found["Item"]] if "Item" in found else found.get("Items", [])
        sizes = [item_bytes(item) for item in items]
        consistent = bool(asked.get("ConsistentRead"))
        self.counts["read_units"] += read_units(sizes, consistent=consistent, together="Items" in found)  # type: ignore[assignment]

    def _count_other(self, method: str, headers: dict[str, str]) -> None:
        scope = _SCOPE.search(headers.get("Authorization", ""))
        service = scope.group(1) if scope else "unsigned"
        if service == "s3":
            self.counts["s3_get" if method in ("GET", "HEAD") else "s3_put"] += 1
        else:
            self.counts[service] += 1

    def _item(self, table: str, key: Item) -> Item | None:
        found: Item | None = self._client.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")
        return found

    def _shape(self, table: str) -> TableShape:
        if table not in self._shapes:
            described = self._client.describe_table(TableName=table)["Table"]
            self._shapes[table] = TableShape(
                keys=tuple(key["AttributeName"] for key in described["KeySchema"]),
                indexes=tuple(_index(one) for one in described.get("GlobalSecondaryIndexes", [])),
            )
        return self._shapes[table]


def _index(described: dict[str, Any]) -> Index:
    projection = described["Projection"]
    projected = None if projection["ProjectionType"] == "ALL" else tuple(projection.get("NonKeyAttributes", ()))
    return Index(tuple(key["AttributeName"] for key in described["KeySchema"]), projected)


def _writes(target: str, body: bytes) -> list[tuple[str, str, Item]]:
    """Kind, table and key attributes of each write of a request."""
    operation = target.partition(".")[2]
    if operation == "TransactWriteItems":
        found = []
        for entry in json.loads(body)["TransactItems"]:
            ((kind, write),) = entry.items()
            found.append((kind, write["TableName"], _key_of(write)))
        return found
    if operation in ("PutItem", "UpdateItem", "DeleteItem"):
        write = json.loads(body)
        return [(operation, write["TableName"], _key_of(write))]
    return []


def _key_of(write: dict[str, Any]) -> Item:
    """The tables here have `pk`, and `sk` or not."""
    whole = write.get("Key") or write["Item"]
    return {name: whole[name] for name in ("pk", "sk") if name in whole}
