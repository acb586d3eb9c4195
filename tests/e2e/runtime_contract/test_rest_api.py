"""API Gateway: the deployed API at the root of its port, with the answers that its template gives to errors."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest
import urllib3

from tests.e2e.runtime_contract.conftest import Aws, eventually

pytestmark = pytest.mark.e2e

GOOD = {"Authorization": "good"}


def test_before_the_api_is_deployed_it_is_unavailable(start_aws: Callable[..., Aws]) -> None:
    answer = start_aws().request("GET", "/health")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json().keys() == {"type", "title", "status", "detail", "instance"}


def test_the_event_is_that_of_a_custom_domain(aws: Aws) -> None:
    event = aws.request("GET", "/v1/things/7?a=1&a=2&b=", headers=GOOD).json()
    assert (event["path"], event["resource"], event["pathParameters"]) == (
        "/v1/things/7",
        "/v1/things/{id}",
        {"id": "7"},
    )
    assert event["queryStringParameters"] == {"a": "2", "b": ""}
    assert event["multiValueQueryStringParameters"] == {"a": ["1", "2"], "b": [""]}
    context = event["requestContext"]
    assert (context["path"], context["resourcePath"], context["stage"]) == ("/v1/things/7", "/v1/things/{id}", "live")
    assert context["domainName"] == "127.0.0.1"
    assert "version" not in event


def test_the_authorizers_context_reaches_the_function(aws: Aws) -> None:
    event = aws.request("GET", "/v1/things/7", headers=GOOD).json()
    assert event["requestContext"]["authorizer"] == {"principalId": "someone", "role": "user", "level": "3"}


def test_the_stage_address_of_the_aws_port_works_too(aws: Aws) -> None:
    api = aws.client("apigateway").get_rest_apis()["items"][0]["id"]
    from_aws = aws.process.aws_url + f"/restapis/{api}/live/_user_request_/health"
    event = urllib3.request("GET", from_aws).json()
    assert event["requestContext"]["path"] == "/live/health"


@pytest.mark.parametrize("headers", [{}, {"Authorization": "invalid"}])
def test_no_token_and_an_invalid_one_are_401_as_the_template_says(aws: Aws, headers: dict[str, str]) -> None:
    answer = aws.request("GET", "/v1/things/7", headers=headers)
    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"] == "Unauthorized"
    assert answer.json()["instance"] == answer.headers["x-amzn-RequestId"]


def test_a_denied_token_and_an_unknown_path_have_the_default_of_their_class(aws: Aws) -> None:
    denied = aws.request("GET", "/v1/things/7", headers={"Authorization": "bad"})
    assert (denied.status, denied.json()["title"]) == (403, "ACCESS_DENIED")
    unknown = aws.request("GET", "/nowhere", headers=GOOD)
    assert (unknown.status, unknown.json()["title"]) == (403, "MISSING_AUTHENTICATION_TOKEN")
    assert unknown.headers["Content-Type"] == "application/problem+json"


def test_a_function_that_fails_is_a_502_without_its_message(aws: Aws) -> None:
    answer = aws.request("GET", "/v1/fail", headers=GOOD)
    assert (answer.status, answer.json()) == (502, {"title": "Server error"})


def test_after_29_seconds_the_answer_is_504_and_the_function_goes_on(aws: Aws) -> None:
    started = time.monotonic()
    answer = aws.request("GET", "/v1/late", headers=GOOD)
    assert (answer.status, answer.json()["title"]) == (504, "Server error")
    assert 28 < time.monotonic() - started < 31.5
    assert aws.seen("late#") == []
    assert eventually(lambda: aws.seen("late#")) == [{"path": "/v1/late"}]


@pytest.mark.parametrize("size", [6_400_000, 11_000_000])
def test_what_lambda_or_the_api_cannot_take_is_413(aws: Aws, size: int) -> None:
    answer = aws.request("POST", "/v1/things", headers=GOOD, body=b"x" * size)
    assert (answer.status, answer.json()) == (413, {"title": "Too large", "status": 413})


def test_5_mb_reach_the_function(aws: Aws) -> None:
    text = json.dumps({"text": "x" * 5_000_000})
    answer = aws.request("POST", "/v1/things", headers=GOOD, body=text)
    assert answer.json()["body_characters"] == len(text)


def test_requests_are_counted(aws: Aws) -> None:
    aws.request("GET", "/v1/fail", headers=GOOD)
    metrics = aws.client("cloudwatch").list_metrics(Namespace="AWS/ApiGateway", MetricName="5XXError")["Metrics"]
    assert {"Stage"} <= {dimension["Name"] for metric in metrics for dimension in metric["Dimensions"]}
