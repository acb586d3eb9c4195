"""DynamoDB for the ledger: conditional writes in transactions, consistent reads, and the units they cost."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from besunny.aws.dynamo import from_item, is_condition_failure, to_attribute, to_item, write_together

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Key = dict[str, str]
Write = dict[str, Any]


class ConditionLostError(Exception):
    """A write was refused because its condition did not hold; nothing of its transaction was written."""


@dataclass
class Units:
    """DynamoDB request units spent so far, as DynamoDB itself counted them."""

    read: float = 0.0
    write: float = 0.0


class Table:
    """One table.

    Args:
        sleep: waits between tries when another transaction holds an item (seconds in).
    """

    def __init__(self, client: DynamoDBClient, name: str, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._sleep = sleep
        self.name = name
        self.units = Units()

    def get(self, key: Key) -> dict[str, Any] | None:
        """The item, read consistently, or None."""
        answer = self._client.get_item(
            TableName=self.name, Key=to_item(key), ConsistentRead=True, ReturnConsumedCapacity="TOTAL"
        )
        self._spent_reading(answer)
        return from_item(answer["Item"]) if "Item" in answer else None

    def get_many(self, keys: Sequence[Key]) -> list[dict[str, Any]]:
        """The items that exist among at most 100 keys, in no order, read consistently."""
        found: list[dict[str, Any]] = []
        wanted: Any = {self.name: {"Keys": [to_item(key) for key in keys], "ConsistentRead": True}}
        while wanted and keys:
            answer = self._client.batch_get_item(RequestItems=wanted, ReturnConsumedCapacity="TOTAL")
            self.units.read += sum(spent.get("CapacityUnits", 0.0) for spent in answer.get("ConsumedCapacity", []))
            found += [from_item(item) for item in answer["Responses"].get(self.name, [])]
            wanted = answer.get("UnprocessedKeys")
        return found

    def query(
        self,
        condition: str,
        values: dict[str, Any],
        *,
        index: str | None = None,
        limit: int | None = None,
        start: Key | None = None,
        newest_first: bool = False,
    ) -> tuple[list[dict[str, Any]], Key | None]:
        """One page of a query and the key to go on from; consistent on the table, eventually so on an index."""
        request: dict[str, Any] = {
            "TableName": self.name,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": {name: to_attribute(value) for name, value in values.items()},
            "ScanIndexForward": not newest_first,
            "ReturnConsumedCapacity": "TOTAL",
            **({"IndexName": index} if index else {"ConsistentRead": True}),
            **({"Limit": limit} if limit else {}),
            **({"ExclusiveStartKey": to_item(start)} if start else {}),
        }
        answer = self._client.query(**request)
        self._spent_reading(answer)
        last = answer.get("LastEvaluatedKey")
        return [from_item(item) for item in answer["Items"]], from_item(last) if last else None

    def query_all(self, condition: str, values: dict[str, Any], **options: Any) -> Iterator[dict[str, Any]]:
        """Every item of a query, page by page; options as in `query`."""
        start: Key | None = None
        while True:
            items, start = self.query(condition, values, start=start, **options)
            yield from items
            if start is None:
                return

    def transact(self, *writes: Write) -> None:
        """All of the writes, or none.

        Raises:
            ConditionLostError: a condition did not hold.
        """
        try:
            answer = write_together(self._client, writes, sleep=self._sleep)
        except self._client.exceptions.ClientError as error:
            if is_condition_failure(error):
                raise ConditionLostError from error
            raise
        self.units.write += sum(s.get("CapacityUnits", 0.0) for s in answer.get("ConsumedCapacity", []))

    def add(self, key: Key, *, add: dict[str, float], put: dict[str, Any]) -> None:
        """Add to the numbers of an item and set its other attributes, making it if need be."""
        write = update(self, key, put=put, add=add)["Update"]
        answer = self._client.update_item(**write, ReturnConsumedCapacity="TOTAL")
        self.units.write += answer.get("ConsumedCapacity", {}).get("CapacityUnits", 0.0)

    def _spent_reading(self, answer: Any) -> None:
        self.units.read += (answer.get("ConsumedCapacity") or {}).get("CapacityUnits", 0.0)


def put(
    table: Table,
    item: dict[str, Any],
    *,
    new: bool = False,
    unless_live_at: int | None = None,
    or_instead_of: tuple[str, str] | None = None,
) -> Write:
    """A transaction's write of a whole item.

    Args:
        new: refused where the item exists.
        unless_live_at: refused where the item exists and its `expires_at` is later than this epoch second.
        or_instead_of: an attribute and its value; an item that has it is replaced, live or not.
    """
    write: dict[str, Any] = {"TableName": table.name, "Item": to_item(item)}
    if new:
        write["ConditionExpression"] = "attribute_not_exists(pk)"
    if unless_live_at is not None:
        write["ConditionExpression"] = "attribute_not_exists(pk) OR expires_at <= :now"
        write["ExpressionAttributeValues"] = {":now": to_attribute(unless_live_at)}
    if or_instead_of is not None:
        write["ConditionExpression"] += " OR #instead_of = :instead_of"
        write["ExpressionAttributeNames"] = {"#instead_of": or_instead_of[0]}
        write["ExpressionAttributeValues"][":instead_of"] = to_attribute(or_instead_of[1])
    return {"Put": write}


def update(
    table: Table,
    key: Key,
    *,
    put: dict[str, Any] | None = None,
    remove: Sequence[str] = (),
    add: dict[str, float] | None = None,
    where: dict[str, Any] | None = None,
    absent: Sequence[str] = (),
) -> Write:
    """A transaction's change of an item.

    Args:
        put: attributes to set; those whose value is None are left as they are.
        remove: attributes to take away.
        add: numbers to add.
        where: refused unless these attributes equal these values (a tuple: any of them).
        absent: refused if one of these attributes exists.
    """
    put = {name: value for name, value in (put or {}).items() if value is not None}
    names: dict[str, str] = {}
    values: dict[str, Any] = {}

    def name_of(name: str) -> str:
        names[f"#{name}"] = name
        return f"#{name}"

    def value_of(slot: str, value: Any) -> str:
        values[f":{slot}"] = to_attribute(value)
        return f":{slot}"

    clauses = []
    if put:
        clauses.append("SET " + ", ".join(f"{name_of(n)} = {value_of('set_' + n, v)}" for n, v in put.items()))
    if remove:
        clauses.append("REMOVE " + ", ".join(name_of(n) for n in remove))
    if add:
        clauses.append("ADD " + ", ".join(f"{name_of(n)} {value_of('add_' + n, v)}" for n, v in add.items()))
    write: dict[str, Any] = {"TableName": table.name, "Key": to_item(key)}
    if clauses:
        write["UpdateExpression"] = " ".join(clauses)
    condition = _condition(where or {}, absent, name_of, value_of)
    if condition:
        write["ConditionExpression"] = condition
    write |= {"ExpressionAttributeNames": names} if names else {}
    write |= {"ExpressionAttributeValues": values} if values else {}
    return {"Update": write}


def check(table: Table, key: Key, *, where: dict[str, Any] | None = None, absent: Sequence[str] = ()) -> Write:
    """A transaction's condition on an item that it does not change; arguments as in `update`."""
    return {"ConditionCheck": update(table, key, where=where, absent=absent)["Update"]}


def delete(table: Table, key: Key, *, where: dict[str, Any] | None = None) -> Write:
    """A transaction's removal of an item, refused unless `where` holds."""
    return {"Delete": update(table, key, where=where)["Update"]}


def _condition(
    where: dict[str, Any],
    absent: Sequence[str],
    name_of: Callable[[str], str],
    value_of: Callable[[str, Any], str],
) -> str:
    parts = []
    for name, value in where.items():
        if isinstance(value, tuple):
            options = ", ".join(value_of(f"if_{name}_{number}", option) for number, option in enumerate(value))
            parts.append(f"{name_of(name)} IN ({options})")
        else:
            parts.append(f"{name_of(name)} = {value_of('if_' + name, value)}")
    parts += [f"attribute_not_exists({name_of(name)})" for name in absent]
    return " AND ".join(parts)
