"""Lambda: errors keep their type, limits hold, environments are reused, capped and private."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

from tests.e2e.runtime_contract.conftest import Aws, deploy, eventually

pytestmark = pytest.mark.e2e


def test_an_error_keeps_its_type_and_the_environment_survives_it(aws: Aws) -> None:
    error, kind = aws.invoke("raise", {"order": 7})
    assert kind == "Unhandled"
    assert (error["errorType"], error["errorMessage"]) == ("OrderRefused", "order 7")
    assert "behaviours.py" in error["stackTrace"][0]


def test_a_handler_that_cannot_be_loaded_says_so(aws: Aws) -> None:
    error, _ = aws.invoke("missing", {})
    assert error["errorType"] == "Runtime.ImportModuleError"


def test_a_warm_environment_is_reused(aws: Aws) -> None:
    pids = {aws.invoke("echo", {})[0]["pid"] for _ in range(5)}
    assert len(pids) == 1


def test_a_warm_call_is_quick(aws: Aws) -> None:
    client = aws.client("lambda")
    client.invoke(FunctionName="contract-echo", Payload=b"{}")
    taken = []
    for _ in range(30):
        started = time.perf_counter()
        client.invoke(FunctionName="contract-echo", Payload=b"{}")["Payload"].read()
        taken.append(time.perf_counter() - started)
    # ministack's own executor waits 50 ms for more log lines at each call.
    assert sorted(taken)[len(taken) // 2] < 0.04


def test_a_function_sees_its_own_environment_and_no_other(aws: Aws) -> None:
    environment = aws.invoke("echo", {})[0]["environment"]
    assert environment["OWN"] == "of-echo"
    assert environment["AWS_ENDPOINT_URL"] == aws.process.aws_url
    leaked = {name for name in environment if name in os.environ or name.startswith("BESUNNY")}
    assert leaked <= {"PATH", "LANG", "TZ", "LC_CTYPE", "LD_LIBRARY_PATH", "TMPDIR", "PYTHONPATH"}


def test_a_function_is_killed_at_its_timeout(aws: Aws) -> None:
    started = time.monotonic()
    error, _ = aws.invoke("slow", {"seconds": 30})
    assert error["errorType"] == "Sandbox.Timedout"
    assert error["errorMessage"].endswith("Task timed out after 1.00 seconds")
    assert time.monotonic() - started < 5
    assert aws.invoke("slow", {"seconds": 0})[1] is None


def test_a_function_is_killed_when_it_takes_more_memory_than_it_has(aws: Aws) -> None:
    pid, failed = aws.invoke("greedy", {"mib": 20})
    assert failed is None
    error, _ = aws.invoke("greedy", {"mib": 300, "hold_seconds": 4})
    assert error["errorType"] == "Runtime.ExitError"
    assert error["errorMessage"].endswith("signal: killed")
    again, failed = aws.invoke("greedy", {"mib": 20})
    assert failed is None
    assert again != pid


def test_a_function_that_exits_fails_its_invocation_only(aws: Aws) -> None:
    for _ in range(2):
        error, _ = aws.invoke("exit", {})
        assert error["errorType"] == "Runtime.ExitError"
        assert error["errorMessage"].endswith("exit status 3")


def test_requests_and_answers_above_6_mb_are_refused(aws: Aws) -> None:
    with pytest.raises(ClientError) as refused:
        aws.invoke("metric", {"kind": "large", "orders": 1, "padding": "x" * 6_400_000})
    assert refused.value.response["Error"]["Code"] == "RequestEntityTooLargeException"
    answer, _ = aws.invoke("metric", {"kind": "large", "orders": 1, "padding": "x" * 6_000_000})
    assert answer == {"characters": 6_000_000}
    error, _ = aws.invoke("metric", {"kind": "large", "orders": 1, "answer_characters": 6_400_000})
    assert error["errorType"] == "Function.ResponseSizeTooLarge"


def test_a_burst_waits_for_the_environments_there_may_be(aws: Aws) -> None:
    with ThreadPoolExecutor(40) as callers:
        answers = list(callers.map(lambda _: aws.invoke("pause", {"seconds": 0.05}), range(80)))
    assert [failed for _, failed in answers if failed] == []
    assert len({pid for pid, _ in answers}) <= aws.process.settings.max_environments


def test_log_lines_reach_the_functions_log_group(aws: Aws) -> None:
    aws.invoke("raise", {"order": 8})
    group = "/aws/lambda/contract-raise"
    messages = [e["message"] for e in aws.client("logs").filter_log_events(logGroupName=group)["events"]]
    assert "before it refuses" in messages
    assert any(line.startswith("REPORT RequestId:") for line in messages)


def test_emf_lines_become_metrics(aws: Aws) -> None:
    for orders in (3, 4):
        aws.invoke("metric", {"kind": "emf", "orders": orders})
    now = time.time()
    statistics = aws.client("cloudwatch").get_metric_statistics(
        Namespace="Contract",
        MetricName="Orders",
        Dimensions=[{"Name": "Kind", "Value": "emf"}],
        StartTime=now - 300,
        EndTime=now + 60,
        Period=3600,
        Statistics=["Sum", "SampleCount"],
    )["Datapoints"]
    assert sum(point["Sum"] for point in statistics) == 7
    assert sum(point["SampleCount"] for point in statistics) == 2


def test_an_alarm_sees_what_functions_emit(aws: Aws) -> None:
    cloudwatch = aws.client("cloudwatch")
    metric = {"Namespace": "Contract", "MetricName": "Orders", "Dimensions": [{"Name": "Kind", "Value": "alarm"}]}
    rule = {"Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1, "Threshold": 5.0}
    cloudwatch.put_metric_alarm(
        AlarmName="contract-orders",
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
        **metric,
        **rule,
    )
    aws.invoke("metric", {"kind": "alarm", "orders": 9})
    eventually(lambda: cloudwatch.describe_alarms(StateValue="ALARM")["MetricAlarms"])


def test_invocations_behind_the_api_are_counted(aws: Aws) -> None:
    assert aws.request("GET", "/health").status == 200
    metrics = aws.client("cloudwatch").list_metrics(Namespace="AWS/Lambda", MetricName="Invocations")["Metrics"]
    assert {"Name": "FunctionName", "Value": "contract-api"} in [d for m in metrics for d in m["Dimensions"]]


def test_idle_environments_end(start_aws: Callable[..., Aws]) -> None:
    aws = start_aws(idle_seconds=0.4)
    deploy(aws)
    pid = aws.invoke("echo", {})[0]["pid"]
    eventually(lambda: not _runs(pid), seconds=5)


def test_busy_environments_end_with_the_emulator_even_when_it_is_killed(own_aws: Aws) -> None:
    pid, _ = own_aws.invoke("pause", {"seconds": 0})
    own_aws.client("lambda").invoke(FunctionName="contract-pause", InvocationType="Event", Payload=b'{"seconds": 15}')
    own_aws.process.kill()
    eventually(lambda: not _runs(pid), seconds=5)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
