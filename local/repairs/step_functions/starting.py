"""StartExecution is idempotent, and refuses inputs above 256 KiB.

AWS (API_StartExecution): the same name and input as an execution that is running gives that execution's answer; a name
whose execution has ended, or that has another input, is `ExecutionAlreadyExists`. Stock ministack refuses both.
"""

from __future__ import annotations

from typing import Any

from ministack.services import stepfunctions as sfn

from local.repairs.pins import expect
from local.repairs.step_functions.states import PAYLOAD_BYTES


def apply() -> None:
    expect(sfn, "_resolve_state_machine_arn", "arn")
    start = expect(sfn, "_start_execution", "data")

    def start_execution(data: dict[str, Any]) -> Any:
        document = data.get("input", "{}")
        if len(document.encode()) > PAYLOAD_BYTES:
            message = "1 validation error detected: Value at 'input' failed to satisfy constraint: "
            message += f"Member must have length less than or equal to {PAYLOAD_BYTES}"
            return sfn.error_response_json("ValidationException", message, 400)
        running = _execution_of(data)
        if running is not None and running["status"] == "RUNNING" and running["input"] == document:
            answer = {"executionArn": running["executionArn"], "startDate": running["startDate"]}
            return sfn.json_response(answer)
        return start(data)

    sfn._start_execution = start_execution


def _execution_of(data: dict[str, Any]) -> dict[str, Any] | None:
    machine = sfn._state_machines.get(sfn._resolve_state_machine_arn(data.get("stateMachineArn", "")))
    if not machine or not data.get("name"):
        return None
    prefix = f"arn:aws:states:{sfn.get_region()}:{sfn.get_account_id()}:execution"
    found: dict[str, Any] | None = sfn._executions.get(f"{prefix}:{machine['name']}:{data['name']}")
    return found
