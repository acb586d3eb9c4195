"""The frame of every endpoint: who is let in, and what errors look like from outside."""

import json

import pytest
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from pydantic import BaseModel, Field

from besunny import errors
from besunny.api.access import NEEDED
from besunny.api.principal import Caller, Role
from besunny.api.problem import handle_errors, response_of
from besunny.api.respond import respond
from tests.api_events import FakeContext, api_event

PATH = "/v1/ai-orchestration/workflows"
SECRET = "database password 4711"


class Body(BaseModel):
    """A body with one rule."""

    number: int = Field(ge=1)
    fail: str | None = None


def application():
    app = APIGatewayRestResolver(enable_validation=True)
    handle_errors(app)

    @app.post(PATH)
    def create(body: Body, caller: Caller) -> dict[str, object]:
        if body.fail == "own answer":
            return None
        if body.fail:
            raise {
                "unexpected": RuntimeError(SECRET),
                "surrogate": UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"),
                "not_found": errors.NotFoundError("no such workflow"),
                "conflict": errors.ConflictError("it has ended"),
                "input": errors.InvalidInputError(errors.FieldError("input_data.text", "empty", "send text")),
                "unavailable": errors.UnavailableError("try later"),
                "misconfigured": errors.MisconfiguredError("set WORKFLOWS_TABLE"),
            }[body.fail]
        return {"number": body.number, "sub": caller.sub, "tenant": caller.tenant_id}

    return app


def call(**changes):
    event = api_event(**{"method": "POST", "resource": PATH, "body": {"number": 1}, **changes})
    result = respond(application(), event, FakeContext())
    return result["statusCode"], json.loads(result["body"]), result["multiValueHeaders"]


def test_the_route_sees_the_principal():
    assert call()[:2] == (200, {"number": 1, "sub": "alice", "tenant": "acme"})


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"sub": None}, 401),
        ({"sub": "s" * 451}, 401),
        ({"tenant": "t" * 451}, 401),
        ({"role": "emperor"}, 401),
        ({"resource": "/v1/performance/optimize"}, 403),
        ({"resource": "/v1/unknown", "role": "service"}, 403),
        ({"body": '{"number": '}, 400),
        ({"body": '{"number": 1, "deep": ' + "[" * 100_000 + "]" * 100_000 + "}"}, 400),
        ({"body": '{"number": ' + "1" * 6000 + "}"}, 400),
        ({"body": {"number": 1, "fail": "surrogate"}}, 400),
        ({"body": None}, 422),
        ({"body": {"number": 0}}, 422),
        ({"body": '[{"number": 1}]'}, 422),
        ({"body": {"number": 1, "fail": "own answer"}}, 500),
        ({"body": {"number": 1, "fail": "not_found"}}, 404),
        ({"body": {"number": 1, "fail": "conflict"}}, 409),
        ({"body": {"number": 1, "fail": "input"}}, 422),
        ({"body": {"number": 1, "fail": "unavailable"}}, 503),
        ({"body": {"number": 1, "fail": "misconfigured"}}, 500),
        ({"body": {"number": 1, "fail": "unexpected"}}, 500),
    ],
)
def test_each_error_is_a_problem_document(changes, status):
    code, problem, headers = call(**changes)
    assert (code, problem["status"], headers["Content-Type"]) == (status, status, ["application/problem+json"])
    assert {"type", "title", "detail", "instance"} <= problem.keys()
    assert problem["instance"].endswith("99999999-2222-3333-4444-555555555555")


@pytest.mark.parametrize(
    "media_type",
    [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain",
        "text/json",
        "application/xml",
        "application/jsonp",
        "application/json-seq",
    ],
)
def test_json_under_another_name_is_refused_with_the_name_to_send(media_type):
    code, problem, headers = call(headers={"Content-Type": media_type})
    assert (code, headers["Content-Type"]) == (415, ["application/problem+json"])
    assert "`Content-Type: application/json`" in problem["detail"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "application/json; charset=utf-8"},
        {"content-type": "Application/JSON"},
        {"Content-Type": "application/vnd.acme.work+json;v=2"},
        {"Content-Type": ""},
        {},
    ],
    ids=str,
)
def test_json_under_its_names_or_none_is_read(headers):
    event = api_event("POST", PATH, body={"number": 1})
    event["headers"] = headers
    event["multiValueHeaders"] = {name: [value] for name, value in headers.items()}
    assert respond(application(), event, FakeContext())["statusCode"] == 200


def test_no_body_is_missing_and_of_no_media_type():
    code, problem, _ = call(body=None, headers={"Content-Type": "text/plain"})
    assert (code, problem["errors"][0]["reason"]) == (422, "Field required")


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"number": 0}, "number: Input should be greater than or equal to 1"),
        ({"number": 1, "fail": "input"}, "input_data.text: empty"),
        ('{"number": ', "body: it is not JSON: Expecting value at character 11"),
        ("[]", "body: Input should be an object"),
        ('"text"', "body: Input should be an object"),
    ],
)
def test_details_of_wrong_fields_have_one_form(body, detail):
    problem = call(body=body)[1]
    assert problem["detail"] == detail
    assert problem["errors"][0]["field"] == detail.partition(":")[0]


def test_a_detail_names_three_fields_and_counts_the_rest():
    wrong = tuple(errors.FieldError(f"f{n}", "bad", "mend it") for n in range(5))
    problem = json.loads(response_of(errors.InvalidInputError(*wrong), "r").body)
    assert problem["detail"] == "f0: bad; f1: bad; f2: bad; and 2 more in `errors`"
    assert len(problem["errors"]) == 5


def test_the_type_of_a_problem_is_the_same_on_every_python():
    problem = call(body={"number": 0})[1]
    assert (problem["type"], problem["title"]) == ("urn:besunny:problem:unprocessable-content", "Unprocessable Content")


def test_a_refused_caller_learns_nothing_of_the_body():
    assert call(resource="/v1/performance/optimize", body="{broken")[0] == 403


def test_wrong_fields_are_named_with_reason_and_fix():
    problem = call(body={"number": "many"})[1]
    assert [entry["field"] for entry in problem["errors"]] == ["number"]
    assert all(entry["reason"] and entry["fix"] for entry in problem["errors"])
    assert "many" not in json.dumps(problem)


@pytest.mark.parametrize("kind", ["unexpected", "misconfigured"])
def test_the_inside_stays_inside(kind):
    answer = json.dumps(call(body={"number": 1, "fail": kind})[1])
    assert SECRET not in answer
    assert "TABLE" not in answer
    assert "Traceback" not in answer


def test_roles_cover_those_before_them():
    assert Role.ADMIN.covers(Role.USER)
    assert not Role.USER.covers(Role.ANALYST)
    assert all(Role.SERVICE.covers(needed) for needed in NEEDED.values())
