"""Nothing of what callers send or get stands in the log at INFO and above: not on success, and after no error."""

import importlib
import io
import json
import logging
from datetime import UTC, datetime

import pytest

from besunny.observability.logs import logger
from besunny.orchestration import tasks
from tests.api_events import FakeContext
from tests.integration.orchestration.conftest import DOCUMENT, answer
from tests.integration.orchestration.test_handlers import WORKFLOWS, call, create, status

MARK = "zq7741secret"
SENT = {
    "content": f"The bridge piers of {MARK}.",
    "title": f"About {MARK}",
    "author": f"{MARK}@x.org",
    "projects": [{"id": f"p-{MARK}", "name": f"Bridge {MARK}"}],
}
WORK = {"workflow_type": "classification", "input_data": SENT}
TOKEN = {"Authorization": f"Bearer {MARK}", "Idempotency-Key": f"key-{MARK}"}


@pytest.fixture(autouse=True)
def present(stack):
    stack.now = datetime.now(UTC)


@pytest.fixture
def log():
    """What the logger writes."""
    handler = logger().registered_handler
    written = io.StringIO()
    before = handler.setStream(written)
    yield written
    handler.setStream(before)


@pytest.fixture
def logged(log, capfd):
    """What stands in the log when the test is done; it must say something, and nothing of the content."""
    assert logger().log_level <= logging.INFO

    def read(*, level="INFO"):
        captured = capfd.readouterr()
        assert MARK not in log.getvalue() + captured.out + captured.err
        lines = [json.loads(line) for line in log.getvalue().splitlines()]
        assert level in {line["level"] for line in lines}
        return lines

    return read


def test_a_workflow_and_its_result(stack, logged):
    code, made, _ = create(WORK, headers=TOKEN)
    assert code == 202
    stack.finish(made["workflow_id"])
    assert MARK in json.dumps(status(made["workflow_id"])[1]["result"])
    assert create(WORK)[1]["cached"]
    call("rerun_workflow", "POST", f"{WORKFLOWS}/{{workflow_id}}/rerun", path={"workflow_id": made["workflow_id"]},
         body={"services": ["classification"]})  # fmt: skip
    logged()


def test_a_batch_and_a_cancel(stack, logged):
    code, made, _ = call("create_batch", "POST", f"{WORKFLOWS}/batch", body=[WORK, WORK], headers=TOKEN)
    assert code == 202
    stack.run_item(stack.items(made["batch_id"])[0])
    path = {"workflow_id": made["batch_id"]}
    call("list_workflow_items", "GET", f"{WORKFLOWS}/{{workflow_id}}/items", path=path)
    call("cancel_workflow", "DELETE", f"{WORKFLOWS}/{{workflow_id}}", path=path)
    logged()


@pytest.mark.parametrize(
    ("body", "headers", "expected"),
    [
        (f'{{"content": "{MARK}', {}, 400),
        (f'{{"content": "{MARK}", "n": {"9" * 5000}}}', {}, 400),
        (f"content={MARK}", {"Content-Type": f"text/{MARK}"}, 415),
        ({**WORK, MARK: MARK}, {}, 422),
        ({**WORK, "priority": MARK}, {}, 422),
        ({"workflow_type": MARK, "input_data": SENT}, {}, 422),
        ({"workflow_type": "classification", "input_data": {**SENT, "content": [MARK]}}, {}, 422),
        ({"workflow_type": "meeting_intelligence", "input_data": {"segments": [{"text": [MARK]}]}}, {}, 422),
        ({"workflow_type": "classification", "input_data": {"upload_id": MARK}}, {}, 422),
        ([SENT], {}, 422),
    ],
)
def test_a_refused_request(stack, logged, body, headers, expected):
    assert create(body, headers={**TOKEN, **headers})[0] == expected
    assert create(body, headers={**TOKEN, **headers}, sub=None)[0] == 401
    logged()


def test_another_body_under_a_key_and_a_strangers_workflow(stack, logged):
    made = create(WORK, headers=TOKEN)[1]["workflow_id"]
    assert create({**WORK, "priority": "low"}, headers=TOKEN)[0] == 422
    assert status(made, sub="bob")[0] == 404
    logged()


def raising(*_, **__):
    """As an engine, a parser or boto3 may: its message quotes the document, and so does what led to it."""
    try:
        raise ValueError(f"cannot read {SENT['content']}")
    except ValueError as error:
        raise RuntimeError(f"not a bridge: {SENT}") from error


def test_an_unexpected_error_is_logged_by_type_and_place(stack, logged, monkeypatch):
    monkeypatch.setattr(type(stack.parts.ledger), "create", raising)
    assert create(WORK, headers=TOKEN)[0] == 500
    (line,) = [line for line in logged(level="ERROR") if line["level"] == "ERROR"]
    assert line["exception_name"] == "RuntimeError"
    assert line["exception"].index("ValueError") < line["exception"].index("RuntimeError")
    assert ", in raising" in line["exception"]


def test_a_task_that_fails_and_its_settlement(stack, logged):
    made = create(WORK)[1]["workflow_id"]
    carried = stack.carried(made)
    with pytest.raises(RuntimeError):
        tasks.run_task({**carried, "service": "classification"}, FakeContext(), run=raising)
    cause = json.dumps({"errorMessage": MARK, "errorType": "RuntimeError"})
    stack.settle({**carried, "error": {"Error": "RuntimeError", "Cause": cause}})
    tasks.run_task({**carried, "service": "classification"}, FakeContext(), run=answer)
    assert {line["message"] for line in logged(level="ERROR")} >= {"the invocation failed", "workflow ended"}


def test_what_we_and_aws_say_of_an_error_is_kept(stack, log, monkeypatch):
    from besunny.errors import MisconfiguredError

    def misconfigured(*_, **__):
        raise MisconfiguredError("set WORKFLOWS_TABLE")

    monkeypatch.setattr(type(stack.parts.ledger), "create", misconfigured)
    assert create({**WORK, "input_data": DOCUMENT})[0] == 500
    monkeypatch.undo()
    stack.parts.store.table.name = "no-such-table"
    assert create({**WORK, "input_data": DOCUMENT})[0] == 500
    assert "set WORKFLOWS_TABLE" in log.getvalue()
    assert "ResourceNotFoundException" in log.getvalue()


@pytest.mark.parametrize("token", [MARK, f"Bearer {MARK}", f"Bearer {MARK}.{MARK}.{MARK}"])
def test_a_token_that_is_refused(logged, monkeypatch, token):
    for name in ("JWT_SECRET_ARN", "JWT_ISSUER", "JWT_AUDIENCE"):
        monkeypatch.setenv(name, "x")
    authorizer = importlib.import_module("authorizer.jwt_authorizer")
    monkeypatch.setattr(authorizer, "secret_value", lambda _: f"{MARK}-{'x' * 32}")
    event = {"type": "TOKEN", "authorizationToken": token, "methodArn": "arn:aws:execute-api:r:1:a/live/GET/x"}
    with pytest.raises(Exception, match=r"^Unauthorized$"):
        authorizer.lambda_handler(event, FakeContext())
    logged()
