"""Names that no endpoint knows are refused, with the known one that was likely meant."""

import json

import pytest
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from pydantic import BaseModel

from besunny.api.problem import handle_errors
from besunny.api.respond import respond
from tests.api_events import FakeContext, api_event

LIST, UPLOADS = "/v1/ai-orchestration/workflows", "/v1/ai-orchestration/uploads"


class Body(BaseModel):
    text: str = ""


def application():
    app = APIGatewayRestResolver(enable_validation=True)
    handle_errors(app)

    @app.get(LIST)
    def listed(limit: int = 10, status: str = "") -> dict[str, object]:
        return {"limit": limit}

    @app.post(LIST)
    def create(body: Body) -> dict[str, object]:
        return {"text": body.text}

    @app.post(UPLOADS)
    def upload() -> dict[str, object]:
        return {"made": True}

    @app.get("/health")
    def health() -> dict[str, object]:
        return {"status": "healthy"}

    return app


def call(method, path, **request):
    result = respond(application(), api_event(method, path, **request), FakeContext())
    return result["statusCode"], json.loads(result["body"])


def test_known_parameters_pass():
    assert call("GET", LIST) == (200, {"limit": 10})
    assert call("GET", LIST, query={"limit": "3", "status": "failed"}) == (200, {"limit": 3})


def test_an_unknown_parameter_is_named_with_the_one_that_was_meant():
    code, problem = call("GET", LIST, query={"limt": "3", "colour": "blue"})
    assert code == 422
    assert problem["errors"] == [
        {"field": "colour", "reason": "there is no such parameter", "fix": "send the request without it"},
        {
            "field": "limt",
            "reason": "there is no such parameter",
            "fix": "send `limit` if that is meant, else leave it out",
        },
    ]


def test_an_endpoint_without_parameters_names_them_too():
    assert call("POST", LIST, body={"text": "x"}, query={"wait": "5"})[0] == 422


def test_the_open_endpoints_pass_what_monitors_add():
    assert call("GET", "/health", query={"cachebuster": "1"}, sub=None)[0] == 200


@pytest.mark.parametrize("body", [None, {}])
def test_an_endpoint_without_a_body_takes_none_and_an_empty_one(body):
    assert call("POST", UPLOADS, body=body)[0] == 200


@pytest.mark.parametrize(("body", "field"), [({"file_name": "a.txt"}, "file_name"), ("3", "body")])
def test_what_stands_in_a_body_that_nobody_reads_is_named(body, field):
    code, problem = call("POST", UPLOADS, body=body)
    assert (code, problem["errors"][0]["field"]) == (422, field)


def test_a_body_that_nobody_reads_must_still_be_json():
    assert call("POST", UPLOADS, body="{")[0] in (400, 422)
