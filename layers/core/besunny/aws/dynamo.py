"""Plain Python values to DynamoDB's attribute values and back; boto3 is imported on first use, as in `clients`."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from boto3.dynamodb.types import TypeDeserializer, TypeSerializer


@lru_cache
def _serializer() -> TypeSerializer:
    from boto3.dynamodb.types import TypeSerializer

    return TypeSerializer()


@lru_cache
def _deserializer() -> TypeDeserializer:
    from boto3.dynamodb.types import TypeDeserializer

    return TypeDeserializer()


def _to_stored(value: Any) -> Any:
    """Floats as the shortest decimals that read back the same, tuples as lists; None stays NULL."""
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, dict):
        return {key: _to_stored(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_to_stored(item) for item in value]
    return value


def _from_stored(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {key: _from_stored(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_from_stored(item) for item in value]
    return value


def to_attribute(value: Any) -> dict[str, Any]:
    """One value in DynamoDB's form: `"a"` -> `{"S": "a"}`."""
    return dict(_serializer().serialize(_to_stored(value)))


def to_item(values: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """A dict as a DynamoDB item; keys whose value is None are left out."""
    return {key: to_attribute(value) for key, value in values.items() if value is not None}


def from_item(item: dict[str, Any]) -> dict[str, Any]:
    """A DynamoDB item as a dict; numbers come back as int where whole, else float."""
    deserialize = _deserializer().deserialize
    return {key: _from_stored(deserialize(value)) for key, value in item.items()}


def is_condition_failure(error: Exception) -> bool:
    """Whether a botocore ClientError says that a condition did not hold (of a write or of a transaction)."""
    response: dict[str, Any] = getattr(error, "response", {})
    code = response.get("Error", {}).get("Code")
    return code == "ConditionalCheckFailedException" or "ConditionalCheckFailed" in _cancellation_codes(error)


def _cancellation_codes(error: Exception) -> list[str]:
    """Why each write of a transaction was refused; empty for other errors."""
    response: dict[str, Any] = getattr(error, "response", {})
    return [reason.get("Code", "") for reason in response.get("CancellationReasons", [])]


_CONFLICT_TRIES = 6


def write_together(
    client: Any, writes: Sequence[dict[str, Any]], *, sleep: Callable[[float], None] = time.sleep
) -> dict[str, Any]:
    """One transaction, tried again where another one held an item of it in the same moment; returns DynamoDB's answer.

    Args:
        client: DynamoDB's.
        writes: `TransactItems`.
        sleep: waits that many seconds; 20 ms at first, twice as long each time.

    Raises:
        ClientError: a condition did not hold (`is_condition_failure`), a sixth conflict, or any other refusal.
    """
    for attempt in range(_CONFLICT_TRIES):
        try:
            answer: dict[str, Any] = client.transact_write_items(
                TransactItems=list(writes), ReturnConsumedCapacity="TOTAL"
            )
        except client.exceptions.ClientError as error:
            waits = "TransactionConflict" in _cancellation_codes(error) and not is_condition_failure(error)
            if not waits or attempt == _CONFLICT_TRIES - 1:
                raise
            sleep(0.02 * 2**attempt * (1 + random.random()))
        else:
            return answer
    raise AssertionError("unreachable: the last try returns or raises")
