"""Wrong and unknown fields of a workflow are named as its caller wrote them, in every form that a request has."""

import pytest

from tests.integration.orchestration.conftest import DOCUMENT, MEETING
from tests.integration.orchestration.test_handlers import WORKFLOWS, call, create

WORK = {"workflow_type": "classification", "input_data": DOCUMENT}
POEM = {"workflow_type": "hybrid", "input_data": MEETING, "expected_outputs": ["poem"]}
OF_TYPE = {"workflow_type": "classification"}


def refused(answer):
    code, problem, _ = answer
    assert code == 422, problem
    assert problem["detail"].startswith(f"{problem['errors'][0]['field']}: {problem['errors'][0]['reason']}")
    return problem["errors"][0]


@pytest.mark.parametrize(
    ("body", "query", "field", "meant"),
    [
        ({"workflow_typ": "classification", "input_data": DOCUMENT}, None, "workflow_typ", "`workflow_type`"),
        ({**WORK, "priorty": "high"}, None, "priorty", "`priority`"),
        ({**WORK, "dryrun": True}, None, "dryrun", "`dry_run`"),
        ({**OF_TYPE, "input_data": {**DOCUMENT, "docment": "x"}}, None, "input_data.docment", "`document`"),
        ({**DOCUMENT, "priorty": "high"}, OF_TYPE, "priorty", "`priority`"),
        ({**DOCUMENT, "documnt_type": "email"}, OF_TYPE, "documnt_type", "`document_type`"),
        ({"input_dat": DOCUMENT}, OF_TYPE, "input_dat", "`input_data`"),
        ({**OF_TYPE, "input_dat": DOCUMENT}, None, "input_dat", "`input_data`"),
        ({"workflow_typ": "classification", **DOCUMENT}, None, "workflow_typ", "`workflow_type`"),
    ],
)  # fmt: skip
def test_an_unknown_field_is_refused_with_what_was_meant(stack, body, query, field, meant):
    error = refused(create(body, query=query))
    assert (error["field"], error["reason"]) == (field, "there is no such field")
    assert meant in error["fix"]
    assert stack.executions() == {}


@pytest.mark.parametrize(
    ("body", "query", "field"),
    [
        ({"content": " "}, OF_TYPE, "content"),
        ({"content": " ", **OF_TYPE}, None, "content"),
        ({"content": "x", "projects": [{"id": "p"}]}, OF_TYPE, "projects.0.name"),
        (DOCUMENT, None, "workflow_type"),
        ({"upload_id": "x"}, OF_TYPE, "upload_id"),
        ({**OF_TYPE, "input_data": {"document": {"text": ""}}}, None, "input_data.document.text"),
        (POEM, None, "expected_outputs"),
        ({"workflow_type": "hybrid", "input_data": {**MEETING, "services": ["poem"]}}, None, "input_data.services"),
    ],
)
def test_a_wrong_field_has_the_callers_own_name(stack, body, query, field):
    assert refused(create(body, query=query))["field"] == field


@pytest.mark.parametrize(
    ("item", "field"),
    [
        ({**WORK, "priority": "now"}, "priority"),
        ({**WORK, "priorty": "high"}, "priorty"),
        ({**OF_TYPE, "input_data": {"content": ""}}, "input_data.content"),
        ({**WORK, "expected_outputs": "x"}, "expected_outputs"),
        (POEM, "expected_outputs"),
        (OF_TYPE, "input_data"),
    ],
)
def test_items_of_a_batch_are_named_as_they_stand_in_the_body(stack, item, field):
    post = ("create_batch", "POST", f"{WORKFLOWS}/batch")
    assert refused(call(*post, body=[WORK, item]))["field"] == f"1.{field}"
    assert refused(call(*post, body={"workflows": [WORK, item]}))["field"] == f"workflows.1.{field}"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], "body"),
        ({"workflows": []}, "workflows"),
        ({"workflow": [WORK]}, "workflow"),
        ({"workflows": [WORK], "priorty": "low"}, "priorty"),
        ("7", "body"),
        ([7], "0"),
    ],
)
def test_a_wrong_batch_names_no_model_of_ours(stack, body, field):
    problem = call("create_batch", "POST", f"{WORKFLOWS}/batch", body=body)[1]
    assert problem["errors"][0]["field"] == field
    assert "Request" not in str(problem)


def test_a_list_is_no_single_workflow(stack):
    assert refused(create([WORK]))["field"] == "body"
    assert stack.executions() == {}


@pytest.mark.parametrize(
    ("module", "path", "role"),
    [("rerun_workflow", "{workflow_id}/rerun", "user"), ("optimize_workflows", "optimize", "analyst")],
)
def test_small_bodies_are_strict_too(stack, module, path, role):
    known = {"rerun_workflow": "services", "optimize_workflows": "last"}[module]
    options = {"path": {"workflow_id": "x"}, "role": role, "body": {f"{known}x": 1}}
    error = refused(call(module, "POST", f"{WORKFLOWS}/{path}", **options))
    assert error["field"] == f"{known}x"
    assert f"`{known}`" in error["fix"]
