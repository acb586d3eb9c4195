"""Monitoring over HTTP: what the endpoints say is what was recorded, and it changes when the load does."""

import json
import uuid

import pytest

from tests.e2e.client import Client, until

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def operator(stack):
    return Client(stack.api_url, stack.token(role="operator", sub="otto", tenant="acme-monitoring"))


def record(stack):
    """Run the recorder now, as its schedule does each minute."""
    name = stack.resources["RecordMetricsFunction"]
    answer = stack.client("lambda").invoke(FunctionName=name, Payload=json.dumps({"source": "aws.scheduler"}))
    assert "FunctionError" not in answer, answer["Payload"].read()


def test_the_recorder_feeds_every_endpoint(stack, operator):
    record(stack)
    current = operator.get("/v1/performance/metrics/current").json()
    figures = current.get("metrics", current)
    assert 0 <= figures["cpu_percent"] <= 100
    assert 0 < figures["memory_percent"] < 100
    health = operator.get("/v1/performance/health").json()
    assert health["status"] in ("healthy", "warning", "critical")
    for path in ("metrics/history?hours=1", "metrics/summary?hours=1", "alerts", "status", "activity/summary"):
        assert operator.get(f"/v1/performance/{path}").status_code == 200, path
    advice = operator.post("/v1/performance/optimize", {})
    assert advice.status_code == 200
    assert {"recommendations", "immediate_actions", "long_term_actions"} <= advice.json().keys()


def test_requests_are_counted(stack, operator):
    def counted():
        record(stack)
        summary = operator.get("/v1/performance/metrics/current").json()
        return summary.get("metrics", summary).get("request_count") or 0

    for _ in range(10):
        operator.get("/v1/performance/status")
    assert until(counted, lambda count: count >= 10, within=150) >= 10


def test_what_a_user_does_is_in_their_summary(stack):
    caller = Client(stack.api_url, stack.token(role="user", sub=f"eva-{uuid.uuid4().hex[:6]}", tenant="acme-activity"))
    for _ in range(3):
        caller.get("/v1/ai-orchestration/workflows/types")
    caller.post("/v1/performance/activity/track", {"activity_type": "feature_usage", "feature": "search"})
    look = lambda: caller.get("/v1/performance/activity/summary").json()  # noqa: E731 - read again and again
    summary = until(look, lambda seen: seen["api_calls"] >= 3, within=30)
    assert summary["last_activity"]


def test_out_of_range_windows_are_refused(operator):
    for hours in ("0", "9000", "many"):
        assert operator.get(f"/v1/performance/metrics/history?hours={hours}").status_code == 422
