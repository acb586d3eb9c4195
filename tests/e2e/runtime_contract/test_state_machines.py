"""Step Functions: executions end once, at once, and say so."""

from __future__ import annotations

import time
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from tests.e2e.runtime_contract.conftest import ABORTED, FAILED, RUNNING, SUCCEEDED, TIMED_OUT, Aws, eventually

pytestmark = pytest.mark.e2e


def test_retry_and_catch_see_the_functions_error_type(aws: Aws) -> None:
    execution = aws.ended(aws.start(aws.state_machine("retry"), {"seconds": 5, "order": 3}))
    assert execution["status"] == SUCCEEDED
    assert '"Error": "Sandbox.Timedout"' in execution["output"]
    assert '"Error": "OrderRefused"' in execution["output"]
    history = aws.client("stepfunctions").get_execution_history(executionArn=execution["executionArn"], maxResults=100)
    failures = [e["taskFailedEventDetails"]["error"] for e in history["events"] if e["type"] == "TaskFailed"]
    assert failures == ["Sandbox.Timedout", "Sandbox.Timedout", "OrderRefused"]


def test_a_failed_branch_does_not_wait_for_the_others(aws: Aws) -> None:
    started = time.monotonic()
    execution = aws.ended(aws.start(aws.state_machine("fail_fast"), {"order": 1}))
    assert time.monotonic() - started < 8
    assert execution["status"] == SUCCEEDED
    assert '"Error": "OrderRefused"' in execution["output"]


@pytest.mark.parametrize("definition", ["count_items", "distributed"])
def test_nothing_starts_in_a_map_after_it_was_stopped(aws: Aws, definition: str) -> None:
    name = uuid4().hex
    items = [f"{name}-{number}" for number in range(4)]
    execution = aws.start(aws.state_machine(definition), {"items": items})
    eventually(lambda: _counted(aws, name))
    aws.client("stepfunctions").stop_execution(executionArn=execution, error="Cancelled", cause="the user")
    stopped = _counted(aws, name)
    ended = aws.describe(execution)
    assert (ended["status"], ended["error"], ended["cause"]) == (ABORTED, "Cancelled", "the user")
    # A second is what the next item would have waited for.
    with pytest.raises(AssertionError):
        eventually(lambda: _counted(aws, name) > stopped, seconds=1.5)
    assert aws.describe(execution)["status"] == ABORTED


def test_a_stopped_distributed_map_and_its_children_are_aborted(aws: Aws) -> None:
    name, states = uuid4().hex, aws.client("stepfunctions")
    execution = aws.start(aws.state_machine("distributed"), {"items": [f"{name}-{number}" for number in range(3)]})
    eventually(lambda: _counted(aws, name))
    states.stop_execution(executionArn=execution)
    run = states.list_map_runs(executionArn=execution)["mapRuns"][0]["mapRunArn"]
    eventually(lambda: states.describe_map_run(mapRunArn=run)["status"] == ABORTED, seconds=5)
    children = states.list_executions(mapRunArn=run)["executions"]
    assert {child["status"] for child in children} == {ABORTED}


def test_what_a_distributed_map_cannot_do_here_fails_instead_of_pretending(aws: Aws) -> None:
    execution = aws.ended(aws.start(aws.state_machine("batched"), {"items": [1, 2]}))
    assert (execution["status"], execution["cause"]) == (FAILED, "ItemBatcher is not emulated on the laptop")


def test_states_inside_a_map_are_in_the_history(aws: Aws) -> None:
    execution = aws.ended(aws.start(aws.state_machine("count_items"), {"items": [uuid4().hex]}))
    events = aws.client("stepfunctions").get_execution_history(executionArn=execution["executionArn"])["events"]
    entered = [e["stateEnteredEventDetails"]["name"] for e in events if e["type"].endswith("StateEntered")]
    assert entered == ["Each", "Count", "Pause"]
    assert [e["id"] for e in events] == list(range(1, len(events) + 1))


def test_an_execution_ends_at_its_timeout(aws: Aws) -> None:
    started = time.monotonic()
    execution = aws.ended(aws.start(aws.state_machine("bounded"), {}))
    assert execution["status"] == TIMED_OUT
    assert time.monotonic() - started < 5


def test_starting_twice_is_starting_once(aws: Aws) -> None:
    machine, name = aws.state_machine("wait"), uuid4().hex
    execution = aws.start(machine, {"order": 1}, name=name)
    assert aws.start(machine, {"order": 1}, name=name) == execution
    with pytest.raises(ClientError) as other_input:
        aws.start(machine, {"order": 2}, name=name)
    aws.client("stepfunctions").stop_execution(executionArn=execution)
    with pytest.raises(ClientError) as ended:
        aws.start(machine, {"order": 1}, name=name)
    for refused in (other_input, ended):
        assert refused.value.response["Error"]["Code"] == "ExecutionAlreadyExists"


def test_an_input_above_256_kib_is_refused(aws: Aws) -> None:
    with pytest.raises(ClientError, match="length less than or equal to 262144"):
        aws.start(aws.state_machine("wait"), {"text": "x" * 262_144})


@pytest.mark.parametrize(
    ("definition", "status", "stop"),
    [("bounded", TIMED_OUT, False), ("wait", ABORTED, True), ("fail_fast", SUCCEEDED, False)],
)
def test_each_end_is_an_event(aws: Aws, definition: str, status: str, stop: bool) -> None:
    machine = aws.state_machine(definition)
    execution = aws.start(machine, {"order": 1})
    if stop:
        aws.client("stepfunctions").stop_execution(executionArn=execution)
    event = eventually(lambda: _event(aws, execution, status))
    assert event["source"] == "aws.states"
    detail = event["detail"]
    assert (detail["stateMachineArn"], detail["name"]) == (machine, execution.rsplit(":", 1)[1])
    assert detail["input"] == '{"order": 1}'
    assert (detail["output"] is not None) == (status == SUCCEEDED)
    assert _event(aws, execution, RUNNING)


def test_executions_are_counted(aws: Aws) -> None:
    machine = aws.state_machine("fail_fast")
    aws.ended(aws.start(machine, {"order": 1}))
    names = {
        metric["MetricName"]
        for metric in aws.client("cloudwatch").list_metrics(Namespace="AWS/States")["Metrics"]
        if metric["Dimensions"] == [{"Name": "StateMachineArn", "Value": machine}]
    }
    assert names == {"ExecutionsStarted", "ExecutionsSucceeded", "ExecutionTime"}


def test_an_execution_that_a_restart_ended_says_so(own_aws: Aws) -> None:
    execution = own_aws.start(own_aws.state_machine("wait"), {"order": 1})
    own_aws.restart(kill=False)
    ended = own_aws.describe(execution)
    assert (ended["status"], ended["error"]) == (FAILED, "States.ServiceRestart")
    event = eventually(lambda: _event(own_aws, execution, FAILED))
    assert event["detail"]["error"] == "States.ServiceRestart"


def _counted(aws: Aws, name: str) -> int:
    items = aws.client("dynamodb").scan(TableName="contract-seen", ConsistentRead=True)["Items"]
    return sum(item["pk"]["S"].startswith(f"item#{name}") for item in items)


def _event(aws: Aws, execution: str, status: str) -> dict[str, object] | None:
    ends = [e for e in aws.seen("status#") if e["detail"]["executionArn"] == execution]
    return next((e for e in ends if e["detail"]["status"] == status), None)
