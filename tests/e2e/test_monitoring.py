"""Monitoring over HTTP: what the endpoints say is what was recorded, and it changes when the load does."""

import json
import time
import uuid
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from besunny.aws import clients
from besunny.performance.minute import run_minute
from besunny.performance.settings import RecorderSettings
from tests.e2e.client import Client, until
from tests.infrastructure.template import resources

pytestmark = pytest.mark.e2e

SUMMARY = "/v1/performance/metrics/summary?hours=1"


@pytest.fixture(scope="module")
def operator(stack):
    return Client(stack.api_url, stack.token(role="operator", sub="otto", tenant="acme-monitoring"))


def record(stack):
    """Run the recorder now, as its schedule does each minute."""
    name = stack.resources["RecordMetricsFunction"]
    answer = stack.client("lambda").invoke(FunctionName=name, Payload=json.dumps({"source": "aws.scheduler"}))
    assert "FunctionError" not in answer, answer["Payload"].read()


@pytest.fixture
def record_at(stack, monkeypatch):
    """Run the recorder as of another moment: on this stack's CloudWatch, alerts and topic.

    Its points go to a table of their own: a snapshot of the future would stand above those of now.
    """
    function = stack.client("lambda").get_function_configuration(FunctionName=stack.resources["RecordMetricsFunction"])
    variables = {name.lower(): value for name, value in function["Environment"]["Variables"].items()}
    scratch = f"metrics-{uuid.uuid4().hex[:8]}"
    properties = resources("AWS::DynamoDB::Table")["MetricsTable"]
    keys = {name: properties[name] for name in ("BillingMode", "AttributeDefinitions", "KeySchema")}
    stack.client("dynamodb").create_table(TableName=scratch, **keys)
    for service in ("dynamodb", "cloudwatch", "sns"):
        monkeypatch.setattr(clients, service, partial(stack.client, service))
    settings = RecorderSettings(**variables | {"metrics_table": scratch})

    def run(now):
        return run_minute(settings, now, remaining_ms=lambda: 55_000, monotonic=time.monotonic, sleep=time.sleep)

    yield run
    stack.client("dynamodb").delete_table(TableName=scratch)


@contextmanager
def broken(stack, logical_id):
    """One function looks for its figures in a table that is not there, as after a deployment that went wrong."""
    name, aws = stack.resources[logical_id], stack.client("lambda")
    variables = aws.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    wrong = variables | {"METRICS_TABLE": "no-such-table"}
    aws.update_function_configuration(FunctionName=name, Environment={"Variables": wrong})
    try:
        yield
    finally:
        aws.update_function_configuration(FunctionName=name, Environment={"Variables": variables})


def counted(stack, operator, logical_id):
    """Requests and errors of one function, by its stored history."""
    record(stack)
    source = f"function/{stack.resources[logical_id]}"
    path = f"/v1/performance/metrics/history?hours=1&source={source}&series=request_errors"
    answer = operator.get(path)
    if answer.status_code == 422:
        return 0, 0  # nobody has called it yet: the source is not known
    rows = answer.json()["metrics"]
    errors = sum(row["statistics"]["request_errors"]["sum"] for row in rows if row["statistics"])
    return sum(row["request_count"] or 0 for row in rows), errors


def alert(operator, state):
    """The alert on the error rate, where it is in this state."""
    listed = operator.get(f"/v1/performance/alerts?state={state}").json()["alerts"]
    return next((one for one in listed if one["rule"] == "error-rate-high"), None)


def test_the_recorder_feeds_every_endpoint(stack, operator):
    record(stack)
    current = operator.get("/v1/performance/metrics/current").json()
    assert 0 <= current["cpu_percent"] <= 100
    assert 0 < current["memory_percent"] < 100
    assert current["missing"] == []
    health = operator.get("/v1/performance/health").json()
    assert health["status"] in ("healthy", "warning", "critical")
    assert health["components"].keys() == {"cpu", "memory", "disk", "error_rate"}
    history = operator.get("/v1/performance/metrics/history?hours=1").json()["metrics"]
    assert history[-1]["memory_percent"] is not None
    summary = operator.get(SUMMARY).json()
    assert summary["metrics_count"] >= len(history)
    assert summary["peaks"]["memory_percent"] >= history[-1]["memory_percent"]
    status = operator.get("/v1/performance/status").json()
    assert [one["name"] for one in status["collectors"] if not one["ok"]] == []
    assert "overview" in status["sources"]
    advice = operator.post("/v1/performance/optimize", {}).json()
    assert {"recommendations", "immediate_actions", "long_term_actions"} <= advice.keys()
    live = Client(stack.api_url).get("/health").json()
    assert (live["status"], live["database_response_time_ms"] > 0) == ("ok", True)


def test_requests_are_counted_each_once(stack, operator):
    requests, errors = counted(stack, operator, "MetricsSummaryFunction")
    for _ in range(7):
        assert operator.get(SUMMARY).status_code == 200
    look = lambda: counted(stack, operator, "MetricsSummaryFunction")  # noqa: E731 - read again and again
    assert until(look, lambda seen: seen[0] >= requests + 7, within=30) == (requests + 7, errors)
    assert look() == (requests + 7, errors)


def test_failing_calls_raise_an_alert_and_recovery_resolves_it(stack, operator, record_at):
    record(stack)
    before = operator.get("/v1/performance/metrics/current").json()["request_count"]
    _, errors = counted(stack, operator, "MetricsSummaryFunction")
    # Over 5% of the last five minutes' requests, of which other tests made some.
    failing = 6 + before // 15
    with broken(stack, "MetricsSummaryFunction"):
        assert {operator.get(SUMMARY).status_code for _ in range(failing)} == {500}
    look = lambda: counted(stack, operator, "MetricsSummaryFunction")[1]  # noqa: E731 - read again and again
    assert until(look, lambda seen: seen >= errors + failing, within=30) == errors + failing
    assert operator.get("/v1/performance/health").json()["components"]["error_rate"]["status"] == "critical"
    assert alert(operator, "pending") or alert(operator, "firing")
    record_at(datetime.now(UTC) + timedelta(seconds=61))
    raised = alert(operator, "firing")
    assert raised["value"] >= raised["threshold"] == 5
    assert not operator.get("/v1/performance/status").json()["summary"].endswith("; 0 alerts firing")

    def recovered():
        assert {operator.get(SUMMARY).status_code for _ in range(25)} == {200}
        record(stack)
        return alert(operator, "firing")

    until(recovered, lambda seen: seen is None, within=120)
    over = alert(operator, "resolved")
    assert (over["component"], over["value"] < 4) == ("error_rate", True)


def test_what_a_user_does_is_in_their_summary(stack):
    caller = Client(stack.api_url, stack.token(role="user", sub=f"eva-{uuid.uuid4().hex[:6]}", tenant="acme-activity"))
    for _ in range(3):
        caller.get("/v1/ai-orchestration/workflows/types")
    caller.post("/v1/performance/activity/track", {"activity_type": "feature_usage", "feature": "search"})
    look = lambda: caller.get("/v1/performance/activity/summary").json()  # noqa: E731 - read again and again
    summary = until(look, lambda seen: "search" in seen["features_used"] and seen["api_calls"] >= 4, within=30)
    assert summary["last_activity"]


def test_out_of_range_windows_are_refused(operator):
    for hours in ("0", "9000", "many"):
        assert operator.get(f"/v1/performance/metrics/history?hours={hours}").status_code == 422
