"""What a request to DynamoDB uses, by the published rules, from the sizes of the items that it reads and writes.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html,
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html, and for transactions
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html. Items are in DynamoDB's JSON.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from math import ceil
from typing import Any

Item = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Index:
    """A global secondary index: its key attributes, and what it projects (None: everything)."""

    keys: tuple[str, ...]
    projected: tuple[str, ...] | None


@dataclass(frozen=True)
class TableShape:
    """A table's key attributes and indexes."""

    keys: tuple[str, ...]
    indexes: tuple[Index, ...] = ()


def item_bytes(item: Item | None) -> int:
    """The size that is billed: names and values in UTF-8."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in (item or {}).items())


def _value_bytes(value: dict[str, Any]) -> int:
    ((kind, content),) = value.items()
    match kind:
        case "S":
            size = len(content.encode())
        case "N":
            size = min(21, ceil(len(content.lstrip("-").replace(".", "").strip("0")) / 2) + 1)
        case "B":
            size = len(base64.b64decode(content))
        case "M":
            size = 3 + sum(1 + len(name.encode()) + _value_bytes(inner) for name, inner in content.items())
        case "L":
            size = 3 + sum(1 + _value_bytes(inner) for inner in content)
        case "SS" | "NS" | "BS":
            size = sum(_value_bytes({kind[0]: inner}) for inner in content)
        case _:
            size = 1  # BOOL, NULL
    return size


def read_units(sizes: list[int], *, consistent: bool, together: bool) -> float:
    """Units of a read.

    Args:
        sizes: of what was read, in bytes; nothing counts as an item of no size.
        together: of a query, whose items are added up; else each is read by itself.
    """
    counted = [sum(sizes)] if together else (sizes or [0])
    return sum(max(ceil(size / 4096), 1) for size in counted) * (1.0 if consistent else 0.5)


def write_units(before: Item | None, after: Item | None, shape: TableShape, *, transaction: bool) -> float:
    """Units of one write: that of the table, twice in a transaction, and those of the indexes that it changes."""
    size = max(item_bytes(before), item_bytes(after))
    of_table = max(ceil(size / 1024), 1) * (2 if transaction else 1)
    return of_table + sum(_index_units(before, after, index, shape) for index in shape.indexes)


def _index_units(before: Item | None, after: Item | None, index: Index, shape: TableShape) -> int:
    old, new = (_projected(item, index, shape) for item in (before, after))
    if old == new:
        return 0
    if old and new and all(old[key] == new[key] for key in index.keys):
        return max(ceil(max(item_bytes(old), item_bytes(new)) / 1024), 1)
    return sum(max(ceil(item_bytes(one) / 1024), 1) for one in (old, new) if one)


def _projected(item: Item | None, index: Index, shape: TableShape) -> Item | None:
    if item is None or any(key not in item for key in index.keys):
        return None
    names = item if index.projected is None else {*index.keys, *shape.keys, *index.projected}
    return {name: item[name] for name in names if name in item}
