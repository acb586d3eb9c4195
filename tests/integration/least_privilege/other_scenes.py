"""What the functions of monitoring, the authorizer and the documentation do in their lives."""

from __future__ import annotations

import json
from datetime import timedelta

import jwt

from tests.infrastructure.template import ROOT
from tests.integration.least_privilege.account import JWT_SECRET, Account
from tests.integration.least_privilege.iam import STACK
from tests.integration.performance.fleet import put_requests


def play(account: Account) -> None:
    """All scenes, one after the other."""
    for scene in (documentation, authorization, activity, recording, monitoring):
        scene(account)


def documentation(account: Account) -> None:
    """Open pages."""
    for function in ("OpenapiFunction", "DocsFunction"):
        event = json.loads((ROOT / f"events/{function.removesuffix('Function').lower()}.json").read_text())
        assert account.invoke(function, event)["statusCode"] == 200


def authorization(account: Account) -> None:
    """A token that the stack's secret signed."""
    claims = {"iss": "besunny", "aud": "authenticated", "sub": "alice", "exp": account.now + timedelta(hours=1)}
    event = {
        "authorizationToken": "Bearer " + jwt.encode(claims, JWT_SECRET),
        "methodArn": "arn:aws:execute-api:us-east-1:123456789012:api/live/GET/health",
    }
    assert account.invoke("AuthorizerFunction", event)["principalId"] == "alice"


def activity(account: Account) -> None:
    """Of a client and of the API, and the sum."""
    account.call("TrackActivityFunction", body={"activity_type": "feature_usage", "feature": "export"})
    event = json.loads((ROOT / "events/record_activity.json").read_text())
    assert account.invoke("RecordActivityFunction", event) == {"batchItemFailures": []}
    assert account.call("ActivitySummaryFunction")["features_used"] == ["export"]


def recording(account: Account) -> None:
    """Minutes of breach until alerts fire, then of calm until they are resolved."""
    for threshold, minutes in (("0.1", 5), ("100", 5)):
        account.parameters["MemoryThreshold"] = threshold
        for _ in range(minutes):
            account.now += timedelta(minutes=1)
            put_requests(f"{STACK}-Create", account.now, durations=[10, 20])
            account.invoke("RecordMetricsFunction", {})
        firing = account.call("AlertsFunction", role="operator")["alerts"]
        assert ("memory-high" in [alert["rule"] for alert in firing]) is (threshold == "0.1")


def monitoring(account: Account) -> None:
    """Every endpoint that reads what was recorded."""
    assert account.call("LivenessFunction", sub=None)["status"] == "ok"
    assert account.call("PerformanceHealthFunction")["components"]
    assert account.call("MetricsCurrentFunction", role="operator")["request_count"] > 0
    assert account.call("MetricsHistoryFunction", role="operator", query={"hours": "1"})
    assert account.call("MetricsSummaryFunction", role="operator")
    assert account.call("OptimizePerformanceFunction", role="operator", body={})
    for role in ("user", "operator"):
        assert account.call("PerformanceStatusFunction", role=role)["components"]
