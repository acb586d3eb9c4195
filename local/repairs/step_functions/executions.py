"""An execution ends once: by its last state, an error, StopExecution, its TimeoutSeconds, or a restart of the emulator.

AWS: whatever ended first stands, nothing the execution still does can change it, and each end is a "Step Functions
Execution Status Change" event. Stock ministack runs on inside Parallel and Map after StopExecution, knows no
`TimeoutSeconds` of a state machine, and says nothing about executions that a restart ended. AWS has no such restarts:
here they end as FAILED with `States.ServiceRestart`, and their event follows once the emulator is up, so that whoever
waits for the end of an execution learns it.
"""

from __future__ import annotations

import contextvars
import json
import logging
import threading
from typing import Any

from ministack.core import responses
from ministack.services import cloudwatch
from ministack.services import stepfunctions as sfn

from local.repairs.pins import expect
from local.repairs.step_functions import scope as scopes
from local.repairs.step_functions.scope import Ended, Scope
from local.repairs.step_functions.states import run_states

logger = logging.getLogger("states")
_ending = threading.Lock()
_scopes: dict[str, Scope] = {}
_interrupted: list[dict[str, Any]] = []

_EVENTS = {
    "SUCCEEDED": ("ExecutionSucceeded", "executionSucceededEventDetails"),
    "FAILED": ("ExecutionFailed", "executionFailedEventDetails"),
    "ABORTED": ("ExecutionAborted", "executionAbortedEventDetails"),
    "TIMED_OUT": ("ExecutionTimedOut", "executionTimedOutEventDetails"),
}


_METRICS = {
    "SUCCEEDED": "ExecutionsSucceeded",
    "FAILED": "ExecutionsFailed",
    "ABORTED": "ExecutionsAborted",
    "TIMED_OUT": "ExecutionsTimedOut",
}


def end(
    execution: dict[str, Any], status: str, *, output: str | None = None, error: Any = None, cause: Any = None
) -> bool:
    """End it if nothing else did: record, event, and stop to all that it still does. False if it had ended."""
    with _ending:
        if execution["status"] != "RUNNING":
            return False
        execution.update(status=status, output=output, stopDate=sfn.now_iso())
        if error is not None or cause is not None:
            execution.update(error=error, cause=cause)
    kind, field = _EVENTS[status]
    details = {"output": output} if status == "SUCCEEDED" else {"error": error or "", "cause": cause or ""}
    sfn._add_event(execution, kind, {field: details})
    scope = _scopes.pop(execution["executionArn"], None)
    if scope is not None:
        scope.stop()
    sfn._emit_execution_status_event(execution)
    _count(execution, _METRICS[status])
    return True


def _count(execution: dict[str, Any], metric: str) -> None:
    """The metrics of a state machine (step-functions/latest/dg/procedure-cw-metrics.html)."""
    machine = {"StateMachineArn": execution["stateMachineArn"]}
    cloudwatch.record_metric("AWS/States", metric, 1, "Count", machine)
    started, stopped = (sfn._iso_to_epoch_ms(execution[at]) for at in ("startDate", "stopDate"))
    if stopped is not None:
        cloudwatch.record_metric("AWS/States", "ExecutionTime", stopped - started, "Milliseconds", machine)


def run(execution_arn: str) -> None:
    """Walk the state machine of an execution that was just started, to its end."""
    execution = sfn._executions.get(execution_arn)
    machine = execution and sfn._state_machines.get(execution["stateMachineArn"])
    if not execution or not machine:
        return
    scope = _scopes.setdefault(execution_arn, Scope())
    scopes.enter(scope)
    _count(execution, "ExecutionsStarted")
    definition = json.loads(machine["definition"])
    timer = _limit(execution, definition.get("TimeoutSeconds"))
    try:
        document = json.loads(execution["input"])
        context = _context(execution, machine, definition, document)
        output = run_states(definition["States"], definition["StartAt"], document, execution, context)
        end(execution, "SUCCEEDED", output=json.dumps(output))
    except Ended:
        logger.info("%s: stopped while it was %s", execution_arn, execution["status"])
    except sfn._ExecutionError as failure:
        _fail(execution, failure.error, failure.cause)
    except Exception as problem:
        # ministack could not run a state: the execution fails as AWS fails one with a runtime error.
        logger.exception("%s", execution_arn)
        _fail(execution, "States.Runtime", str(problem))
    finally:
        _scopes.pop(execution_arn, None)
        if timer:
            timer.cancel()


def announce_interrupted() -> None:
    """Publish the end of the executions that were running when the emulator last ended."""
    while _interrupted:
        execution = _interrupted.pop()
        _, _, _, region, account, _ = execution["executionArn"].split(":", 5)
        with responses.request_scope(account, region):
            sfn._emit_execution_status_event(execution)


def _fail(execution: dict[str, Any], error: Any, cause: Any) -> None:
    # Who waits for a nested execution reads its failure out of the output.
    output = json.dumps({"Error": error, "Cause": cause}) if execution.get("sync") else None
    end(execution, "FAILED", output=output, error=error, cause=cause)


def _context(
    execution: dict[str, Any], machine: dict[str, Any], definition: dict[str, Any], document: Any
) -> dict[str, Any]:
    """The context object (`$$`), and what ministack's states keep beside it."""
    return {
        "QueryLanguage": definition.get("QueryLanguage", "JSONPath"),
        "Execution": {
            "Id": execution["executionArn"],
            "Input": document,
            "Name": execution["name"],
            "StartTime": execution["startDate"],
            "RoleArn": machine["roleArn"],
        },
        "StateMachine": {"Id": execution["stateMachineArn"], "Name": machine["name"]},
        "variables": {},
    }


def _limit(execution: dict[str, Any], seconds: float | None) -> threading.Timer | None:
    if seconds is None:
        return None

    def expire() -> None:
        end(execution, "TIMED_OUT", error="States.Timeout")

    # ministack's stores are scoped by the account and region in the thread's context.
    timer = threading.Timer(seconds, contextvars.copy_context().run, (expire,))
    timer.daemon = True
    timer.start()
    return timer


def _stop(data: dict[str, Any]) -> Any:
    execution = sfn._executions.get(data.get("executionArn"))
    if not execution:
        message = f"Execution Does Not Exist: '{data.get('executionArn')}'"
        return sfn.error_response_json("ExecutionDoesNotExist", message, 400)
    # On AWS, stopping what has ended answers when it ended.
    end(execution, "ABORTED", error=data.get("error"), cause=data.get("cause"))
    return sfn.json_response({"stopDate": execution["stopDate"]})


def apply() -> None:
    expect(sfn, "_run_execution", "exec_arn")
    expect(sfn, "_stop_execution", "data")
    expect(sfn, "_fail_execution", "execution", "error", "cause")
    expect(sfn, "_emit_execution_status_event", "execution")
    add_event = expect(sfn, "_add_event", "execution", "event_type", "details")
    restore = expect(sfn, "load_persisted_state", "data")
    adding = threading.Lock()

    def add_event_in_order(execution: dict[str, Any], event_type: str, details: Any = None) -> Any:
        # Branches add events at the same time, and an event's id is its place.
        with adding:
            return add_event(execution, event_type, details)

    def restore_and_remember(data: dict[str, Any]) -> None:
        executions = data.get("executions")
        running = [e for e in getattr(executions, "_data", {}).values() if e["status"] == "RUNNING"]
        restore(data)
        _interrupted.extend(e for e in running if not e.get("mapRunArn") and not e.get("sync"))

    sfn._add_event = add_event_in_order
    sfn._run_execution = run
    sfn._stop_execution = _stop
    sfn._fail_execution = _fail
    sfn.load_persisted_state = restore_and_remember
