"""A stream's consumer goes on where it stopped when the emulator starts again.

AWS: a stream keeps its records for 24 hours, and a consumer's position outlives everything. Stock ministack saves the
positions and not the records, so that after a restart a consumer waits behind an end that is not there any more.
"""

from __future__ import annotations

import copy
from typing import Any

from ministack.services import dynamodb, lambda_svc

from local.repairs.pins import expect


def apply() -> None:
    get_state = expect(dynamodb, "get_state")
    restore = expect(dynamodb, "load_persisted_state", "data")
    restore_functions = expect(lambda_svc, "load_persisted_state", "data")
    expect(dynamodb, "_stream_records")
    expect(dynamodb, "_stream_trimmed")
    expect(lambda_svc, "_dynamodb_stream_positions")
    expect(lambda_svc, "_dynamodb_stream_table_from_arn_spec", "spec")

    def get_state_with_streams() -> dict[str, Any]:
        # Under the table lock: an item is saved together with its record, or not at all.
        with dynamodb._lock:
            state = {**get_state(), "stream_records": copy.deepcopy(dynamodb._stream_records)}
            state["stream_trimmed"] = copy.deepcopy(dynamodb._stream_trimmed)
        return state

    def restore_with_streams(data: dict[str, Any]) -> None:
        restore(data)
        dynamodb._stream_records.update(data.get("stream_records", {}))
        dynamodb._stream_trimmed.update(data.get("stream_trimmed", {}))

    def restore_functions_behind_the_end(data: dict[str, Any]) -> None:
        # Saved a moment apart, a position may be ahead of the records: those it skips are delivered again.
        positions = data["dynamodb_stream_positions"]._data
        for (account, region, mapping), position in list(positions.items()):
            end = _end(data, account, region, mapping)
            if end is not None and position > end:
                positions[(account, region, mapping)] = end
        restore_functions(data)

    dynamodb.get_state = get_state_with_streams
    dynamodb.load_persisted_state = restore_with_streams
    lambda_svc.load_persisted_state = restore_functions_behind_the_end


def _end(data: dict[str, Any], account: str, region: str, mapping: str) -> int | None:
    """The end of the stream that an event source mapping reads; None when it reads something else."""
    record = data["esms"]._data.get((account, region, mapping))
    if record is None:
        return None
    found = lambda_svc._dynamodb_stream_table_from_arn_spec(lambda_svc.parse_arn(record["EventSourceArn"]))
    if found is None:
        return None
    end: int = dynamodb.stream_end_position(found[0], account_id=account, region=region)
    return end
