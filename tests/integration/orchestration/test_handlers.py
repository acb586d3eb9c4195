"""The orchestration endpoints through their handlers, with the events that API Gateway sends."""

import importlib
import json
from datetime import UTC, datetime

import boto3
import pytest

from besunny.api.pagination import encode_cursor
from besunny.aws import clients
from tests.api_events import FakeContext, api_event
from tests.integration.orchestration.conftest import DOCUMENT, MEETING

BASE = "/v1/ai-orchestration"
WORKFLOWS = f"{BASE}/workflows"


@pytest.fixture(autouse=True)
def present(stack):
    """Handlers read the real clock; what the test plays must not lie in their past."""
    stack.now = datetime.now(UTC)


def call(module, method, resource, **options):
    handler = importlib.import_module(f"orchestration.{module}").lambda_handler
    answer = handler(api_event(method, resource, **options), FakeContext())
    return answer["statusCode"], json.loads(answer["body"]), answer["multiValueHeaders"]


def create(body, **options):
    return call("create_workflow", "POST", WORKFLOWS, body=body, **options)


def status(workflow_id, **options):
    path = {"workflow_id": workflow_id}
    return call("get_workflow_status", "GET", f"{WORKFLOWS}/{{workflow_id}}/status", path=path, **options)


def test_a_workflow_is_accepted_and_its_location_answers(stack):
    code, body, headers = create({"workflow_type": "classification", "input_data": DOCUMENT, "priority": "high"})
    assert (code, body["status"], body["priority"]) == (202, "running", "high")
    assert headers["Location"] == [f"{WORKFLOWS}/{body['workflow_id']}/status"]
    stack.finish(body["workflow_id"])
    code, body, _ = status(body["workflow_id"])
    assert (code, body["status"], body["success"]) == (200, "completed", True)
    assert "bridge piers" in body["result"]["seen"]
    code, body, _ = create({"workflow_type": "classification", "input_data": DOCUMENT})
    assert (code, body["cached"]) == (200, True)


@pytest.mark.parametrize(
    "body",
    [
        {"input_data": DOCUMENT, "expected_outputs": ["classification"]},
        DOCUMENT,
    ],
    ids=["input_data", "the bare input"],
)
def test_the_query_form(stack, body):
    query = {"workflow_type": "classification", "project_id": "p9", "priority": "urgent"}
    code, view, _ = create(body, query=query)
    assert code == 202, view
    assert (view["workflow_type"], view["project_id"], view["priority"]) == ("classification", "p9", "urgent")


@pytest.mark.parametrize(
    ("body", "query", "field"),
    [
        ({"input_data": DOCUMENT}, None, "workflow_type"),
        ({"workflow_type": "poem", "input_data": DOCUMENT}, None, "workflow_type"),
        ({"workflow_type": "batch", "input_data": DOCUMENT}, None, "workflow_type"),
        ({"workflow_type": "classification"}, None, "input_data"),
        ({"workflow_type": "classification", "input_data": {"content": " "}}, None, "input_data.content"),
        ({"workflow_type": "classification", "input_data": [1]}, None, "input_data"),
        ({"workflow_type": "classification", "input_data": DOCUMENT, "priority": "now"}, None, "priority"),
        ({"workflow_type": "classification", "input_data": DOCUMENT}, {"priority": "now"}, "priority"),
        ({"workflow_type": "hybrid", "input_data": MEETING, "expected_outputs": ["poem"]}, None, "expected_outputs"),
        ({"workflow_type": "embedding", "input_data": DOCUMENT, "expected_outputs": ["a"]}, None, "expected_outputs"),
        (
            {"workflow_type": "classification", "input_data": DOCUMENT, "expected_outputs": ["x" * 300_000]},
            None,
            "expected_outputs.0",
        ),
        (
            {"workflow_type": "hybrid", "input_data": MEETING, "expected_outputs": ["summary"] * 1000},
            None,
            "expected_outputs",
        ),
        ({"workflow_type": "classification", "input_data": {"upload_id": "x"}}, None, "input_data.upload_id"),
    ],
)
def test_what_is_wrong_is_named(stack, body, query, field):
    code, problem, headers = create(body, query=query)
    assert code == 422, problem
    assert field in [error["field"] for error in problem["errors"]]
    assert all(error["fix"] for error in problem["errors"])
    assert headers["Content-Type"] == ["application/problem+json"]


def test_a_body_of_nothing_but_errors_gets_a_short_answer(stack):
    data = {"segments": [{"text": 1}] * 20_000}
    code, problem, _ = create({"workflow_type": "meeting_intelligence", "input_data": data})
    assert (code, len(problem["errors"])) == (422, 51)
    assert problem["errors"][0]["field"] == "input_data.segments.0.text"
    assert "more" in problem["errors"][-1]["reason"]


def test_a_dry_run_runs_nothing(stack):
    code, body, headers = create({"workflow_type": "hybrid", "input_data": MEETING, "dry_run": True})
    assert (code, body["workflow_id"], body["status"]) == (200, None, None)
    assert body["plan"]["services"] == ["classification", "meeting_intelligence", "embeddings"]
    assert body["plan"]["would_start_now"] is True
    assert body["plan"]["estimated_usd"] > 0
    assert "Location" not in headers
    assert stack.executions() == {}


def test_idempotency_key(stack):
    body = {"workflow_type": "classification", "input_data": DOCUMENT}
    first = create(body, headers={"Idempotency-Key": "k"})[1]["workflow_id"]
    code, again, _ = create(body, headers={"Idempotency-Key": "k"})
    assert (code, again["workflow_id"]) == (202, first)
    other = {"workflow_type": "classification", "input_data": {**DOCUMENT, "content": "else"}}
    assert create(other, headers={"Idempotency-Key": "k"})[0] == 422


def test_a_batch_as_a_bare_array_and_as_an_object(stack):
    item = {"workflow_type": "classification", "input_data": DOCUMENT}
    for body in ([item, item], {"workflows": [item, item]}):
        code, view, _ = call("create_batch", "POST", f"{WORKFLOWS}/batch", body=body)
        assert code == 202, view
        assert (view["total_workflows"], view["batch_id"]) == (2, view["workflow_id"])
    shown = status(view["batch_id"])[1]
    assert (shown["total_workflows"], shown["progress"]) == (2, {"total": 2, "done": 0, "failed": 0, "cancelled": 0})
    path = {"workflow_id": view["batch_id"]}
    code, page, _ = call("list_workflow_items", "GET", f"{WORKFLOWS}/{{workflow_id}}/items", path=path)
    assert (code, page["items"], page["next_cursor"]) == (200, [], None)
    assert call("create_batch", "POST", f"{WORKFLOWS}/batch", body=[])[0] == 422


def test_cancel_then_conflict_and_not_yours(stack):
    made = create({"workflow_type": "classification", "input_data": DOCUMENT})[1]["workflow_id"]
    options = {"path": {"workflow_id": made}}
    resource = f"{WORKFLOWS}/{{workflow_id}}"
    assert call("cancel_workflow", "DELETE", resource, **options, sub="bob")[0] == 404
    code, body, _ = call("cancel_workflow", "DELETE", resource, **options)
    assert (code, body["status"], body["cancelled_at_step"]) == (200, "cancelled", "classification")
    assert call("cancel_workflow", "DELETE", resource, **options)[0] == 409
    assert call("cancel_workflow", "DELETE", resource, path={"workflow_id": "nonsense"})[0] == 404


def test_list_and_its_cursor(stack):
    made = create({"workflow_type": "classification", "input_data": DOCUMENT})[1]["workflow_id"]
    code, page, _ = call("list_workflows", "GET", WORKFLOWS, query={"status": "running"})
    assert (code, [entry["workflow_id"] for entry in page["workflows"]]) == (200, [made])
    assert call("list_workflows", "GET", WORKFLOWS, query={"cursor": "bm90IG9uZQ"})[0] == 422
    assert call("list_workflows", "GET", WORKFLOWS, query={"cursor": "eyJhIjoxfQ"})[0] == 422
    empty = encode_cursor({"owner_sort": "", "pk": "", "sk": ""})
    assert call("list_workflows", "GET", WORKFLOWS, query={"cursor": empty})[0] == 422
    assert call("list_workflows", "GET", WORKFLOWS, query={"status": "lost"})[0] == 422


def test_a_list_makes_no_client_that_it_does_not_use(stack):
    assert call("list_workflows", "GET", WORKFLOWS)[0] == 200
    assert clients.dynamodb.cache_info().currsize == 1
    assert (clients.s3.cache_info().currsize, clients.stepfunctions.cache_info().currsize) == (0, 0)


def test_a_rerun_of_a_batch_is_a_batch(stack):
    made = stack.batch({"workflow_type": "classification", "input_data": DOCUMENT})
    stack.settle(stack.carried(made.workflow_id))  # its only item never began
    options = {"path": {"workflow_id": made.workflow_id}}
    code, body, _ = call("rerun_workflow", "POST", f"{WORKFLOWS}/{{workflow_id}}/rerun", **options)
    assert (code, body["batch_id"], body["total_workflows"]) == (202, body["workflow_id"], 1)


def test_rerun_of_what_did_not_fail_is_a_conflict_unless_named(stack):
    made = create({"workflow_type": "classification", "input_data": DOCUMENT})[1]["workflow_id"]
    options = {"path": {"workflow_id": made}}
    resource = f"{WORKFLOWS}/{{workflow_id}}/rerun"
    stack.finish(made)
    assert call("rerun_workflow", "POST", resource, **options)[0] == 409
    code, body, _ = call("rerun_workflow", "POST", resource, body={"services": ["classification"]}, **options)
    assert (code, body["rerun_of"]) == (202, made)
    assert call("rerun_workflow", "POST", resource, body={"services": ["poem"]}, **options)[0] == 422


def test_a_repeat_with_the_same_key_is_the_same_repeat(stack):
    made = create({"workflow_type": "classification", "input_data": DOCUMENT})[1]["workflow_id"]
    stack.finish(made)
    options = {"path": {"workflow_id": made}, "headers": {"Idempotency-Key": "again"}}
    resource, body = f"{WORKFLOWS}/{{workflow_id}}/rerun", {"services": ["classification"]}
    first, second = (call("rerun_workflow", "POST", resource, body=body, **options) for _ in range(2))
    assert (first[0], second[0]) == (202, 202)
    assert first[1]["workflow_id"] == second[1]["workflow_id"]
    assert call("rerun_workflow", "POST", resource, **options)[0] == 422


def test_an_upload_is_the_input(stack):
    code, ticket, _ = call("create_upload", "POST", f"{BASE}/uploads", body={})
    assert (code, ticket["method"]) == (200, "PUT")
    key = f"uploads/acme/alice/{ticket['upload_id']}"
    assert key in ticket["url"]
    boto3.client("s3").put_object(
        Bucket="data", Key=key, Body=b"WEBVTT\n\n00:00.000 --> 00:02.000\nAna: Good morning.\n"
    )
    work = {"workflow_type": "meeting_intelligence", "input_data": {"upload_id": ticket["upload_id"]}}
    code, body, _ = create(work)
    assert code == 202, body
    stack.finish(body["workflow_id"])
    assert "Good morning" in status(body["workflow_id"])[1]["result"]["seen"]
    assert create(work, tenant="globex")[0] == 422


def test_a_colleagues_upload_and_a_dry_run_in_a_batch_are_refused(stack):
    ticket = call("create_upload", "POST", f"{BASE}/uploads", body={})[1]
    key = f"uploads/acme/alice/{ticket['upload_id']}"
    boto3.client("s3").put_object(Bucket="data", Key=key, Body=b"Alice's notes")
    work = {"workflow_type": "embedding", "input_data": {"upload_id": ticket["upload_id"]}}
    code, problem, _ = call("create_workflow", "POST", f"{BASE}/workflows", body=work, sub="bob")
    assert (code, problem["errors"][0]["field"]) == (422, "input_data.upload_id")
    planned = [{"workflow_type": "embedding", "input_data": {"text": "a"}, "dry_run": True}]
    code, problem, _ = call("create_batch", "POST", f"{BASE}/workflows/batch", body=planned)
    assert (code, problem["errors"][0]["field"]) == (422, "0.dry_run")


def test_the_upload_of_a_tenant_whose_name_begins_alike_is_not_reached(stack):
    ticket = call("create_upload", "POST", f"{BASE}/uploads", body={}, tenant="acme/east")[1]
    key = f"uploads/acme%2Feast/alice/{ticket['upload_id']}"
    for place in (key, f"uploads/acme/east/alice/{ticket['upload_id']}"):
        boto3.client("s3").put_object(Bucket="data", Key=place, Body=b'{"content": "theirs"}')
    work = {"workflow_type": "classification", "input_data": {"upload_id": f"east/{ticket['upload_id']}"}}
    code, problem, _ = create(work, tenant="acme")
    assert (code, problem["errors"][0]["field"]) == (422, "input_data.upload_id")
    work["input_data"] = {"upload_id": ticket["upload_id"]}
    assert create(work, tenant="acme/east")[0] == 202


def test_health_is_measured(stack):
    _, before, _ = call("get_services_health", "GET", f"{BASE}/services/health")
    assert {service["status"] for service in before["services"].values()} == {"unknown"}
    made = create({"workflow_type": "hybrid", "input_data": MEETING})[1]["workflow_id"]
    stack.failing.add("embeddings")
    stack.finish(made)
    from besunny.orchestration.health import services_health

    after = services_health(stack.parts, "acme", circuits=dict, now=stack.now).services
    assert (after["classification"].status, after["embeddings"].status) == ("healthy", "down")
    assert after["classification"].response_time_ms > 0
    assert after["embeddings"].response_time_ms is None
    assert after["project_onboarding"].status == "unknown"


def test_failures_do_not_make_a_service_look_fast(stack):
    for ok, took in ((True, 400.0), (False, 0.0), (False, 0.0)):
        stack.parts.store.count_outcome("classification", ok=ok, milliseconds=took, now=stack.now)
    outcomes = stack.parts.store.outcomes("classification", now=stack.now)
    assert (outcomes.count, outcomes.errors, outcomes.mean_ms) == (3, 2, 400.0)


def test_types_and_advice(stack):
    _, types, _ = call("list_workflow_types", "GET", f"{WORKFLOWS}/types")
    names = [entry["workflow_type"] for entry in types["types"]]
    assert names == ["classification", "meeting_intelligence", "embedding", "project_onboarding", "hybrid"]
    optimize = ("optimize_workflows", "POST", f"{WORKFLOWS}/optimize")
    assert call(*optimize, body={}, role="user")[0] == 403
    stack.failing.add("classification")
    for number in range(5):
        made = create({"workflow_type": "classification", "input_data": {**DOCUMENT, "content": f"n {number}"}})[1]
        stack.finish(made["workflow_id"])
    code, advice, _ = call(*optimize, body={"last": 50}, role="analyst")
    assert (code, advice["workflows_examined"]) == (200, 5)
    assert advice["recommendations"][0]["evidence"] == {"failed": 5, "count": 5}
