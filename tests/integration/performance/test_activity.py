"""Activity: recorded from each call, once, and summed up for its user alone."""

import json
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from performance import activity_summary as summary_handler
from performance import track_activity
from streams import record_activity as consumer

from besunny.api.activity import record_call
from besunny.performance.activity.models import Activity
from besunny.performance.activity.service import activity_summary
from besunny.performance.activity.store import record_activity
from tests.api_events import FakeContext, api_event

NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
TABLE = "demo-ActivityTable"
TRACK = "/v1/performance/activity/track"
SUMMARY = "/v1/performance/activity/summary"


def activity(number, at, **changes):
    plain = {"activity_id": f"a{number}", "tenant_id": "acme", "sub": "alice", "activity_type": "api_call"}
    return Activity(**{**plain, "at": at, **changes})


def summed(*, sub="alice", tenant="acme", hours=24, now=NOW):
    return activity_summary(TABLE, tenant_id=tenant, sub=sub, hours=hours, now=now)


def queued(aws):
    found = boto3.client("sqs").receive_message(QueueUrl=aws["activity"], MaxNumberOfMessages=10).get("Messages", [])
    return [message["Body"] for message in found]


def sqs_event(*bodies):
    return {
        "Records": [
            {"messageId": str(n), "receiptHandle": "r", "body": body, "attributes": {}, "eventSource": "aws:sqs"}
            for n, body in enumerate(bodies)
        ]
    }


def post(body, **event):
    result = track_activity.lambda_handler(api_event("POST", TRACK, body=body, **event), FakeContext())
    return result["statusCode"], json.loads(result["body"])


def get_summary(**event):
    result = summary_handler.lambda_handler(api_event("GET", SUMMARY, **event), FakeContext())
    return result["statusCode"], json.loads(result["body"])


def test_a_call_goes_from_the_api_over_the_queue_into_the_summary(aws):
    assert post({"activity_type": "feature_usage", "feature": "export", "data_bytes": 7})[0] == 200
    bodies = queued(aws)
    assert len(bodies) == 1
    assert consumer.lambda_handler(sqs_event(*bodies), FakeContext()) == {"batchItemFailures": []}
    code, body = get_summary()
    assert code == 200
    assert (body["api_calls"], body["workflows_executed"]) == (1, 0)
    assert body["features_used"] == ["export", "performance/activity"]
    assert body["data_processed"] > 7
    assert body["last_activity"]


def test_a_second_delivery_counts_nothing_twice(aws):
    post({"activity_type": "feature_usage", "feature": "export"})
    bodies = queued(aws)
    for _ in range(2):
        consumer.lambda_handler(sqs_event(*bodies, *bodies), FakeContext())
    assert get_summary()[1]["api_calls"] == 1


def test_only_the_message_that_failed_is_delivered_again():
    good = activity(1, NOW).model_dump_json()
    answer = consumer.lambda_handler(sqs_event("{not json", good), FakeContext())
    assert answer == {"batchItemFailures": [{"itemIdentifier": "0"}]}
    assert summed().api_calls == 1


@pytest.mark.parametrize(
    ("method", "resource", "status", "kind"),
    [
        ("POST", "/v1/ai-orchestration/workflows", 202, "workflow_execution"),
        ("POST", "/v1/ai-orchestration/workflows", 422, "api_call"),
        ("GET", "/v1/ai-orchestration/workflows", 200, "api_call"),
        ("POST", "/v1/ai-orchestration/workflows/batch", 202, "workflow_execution"),
    ],
)
def test_a_call_that_started_a_workflow_is_told_apart(aws, method, resource, status, kind):
    record_call(api_event(method, resource, body={"a": 1}), request_id="r1", status=status, duration_ms=5, now=NOW)
    message = json.loads(queued(aws)[0])
    assert (message["activity_type"], message["status"], message["data_bytes"]) == (kind, status, len('{"a": 1}'))


def test_nobody_is_recorded_for_an_open_endpoint(aws):
    record_call(api_event("GET", "/health", sub=None), request_id="r1", status=200, duration_ms=5, now=NOW)
    assert queued(aws) == []


def test_a_queue_that_fails_is_counted_and_does_not_fail_the_request(monkeypatch, aws, capsys):
    monkeypatch.setenv("ACTIVITY_QUEUE_URL", aws["activity"] + "-no-such")
    assert post({"activity_type": "feature_usage", "feature": "export"})[0] == 200
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "ActivityLost" in line]
    assert lines[0]["ActivityLost"] == [1.0]


def test_sessions_end_after_a_pause_of_more_than_30_minutes():
    for number, minutes in enumerate([0, 10, 40, 71, 75]):
        record_activity(TABLE, activity(number, NOW + timedelta(minutes=minutes)))
    found = summed(now=NOW + timedelta(hours=2))
    assert [s.duration_seconds for s in found.sessions] == [4 * 60, 40 * 60]
    assert (found.session_count, found.session_duration) == (2, 44 * 60)
    assert found.last_activity == NOW + timedelta(minutes=75)


def test_the_window_is_of_whole_hours():
    record_activity(TABLE, activity(1, NOW - timedelta(hours=30)))
    record_activity(TABLE, activity(2, NOW - timedelta(hours=2)))
    assert summed().api_calls == 1
    assert summed(hours=48).api_calls == 2


def test_users_and_tenants_are_apart_whatever_their_names():
    record_activity(TABLE, activity(1, NOW, tenant_id="a", sub="b#c"))
    assert summed(tenant="a#b", sub="c", now=NOW + timedelta(minutes=1)).api_calls == 0
    assert summed(tenant="a", sub="b#c", now=NOW + timedelta(minutes=1)).api_calls == 1


def test_a_user_sees_their_own_and_an_analyst_the_tenants():
    now = datetime.now(UTC)
    record_activity(TABLE, activity(1, now, sub="bob"))
    assert get_summary(query={"sub": "bob"})[0] == 403
    assert get_summary(query={"sub": "bob"}, role="analyst")[1]["api_calls"] == 1
    assert get_summary(query={"sub": "bob"}, role="analyst", tenant="other")[1]["api_calls"] == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"activity_type": "dancing"}, "activity_type"),
        ({}, "activity_type"),
        ({"activity_type": "feature_usage"}, "feature"),
        ({"activity_type": "api_call", "data_bytes": -1}, "data_bytes"),
        ({"activity_type": "api_call", "sub": "bob"}, "sub"),
    ],
)
def test_a_wrong_report_is_refused_by_name(body, field):
    code, problem = post(body)
    assert code == 422
    assert problem["errors"][0]["field"] == field
