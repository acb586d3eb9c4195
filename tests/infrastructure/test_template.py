"""The template: routes, roles, queues and tables as the house wants them."""

import json
import re
from http import HTTPStatus

import boto3
import pytest

from besunny.api.access import NEEDED, OPEN
from besunny.api.problem import title_of, type_of
from besunny.observability.metrics import emit_invocation
from tests.infrastructure.template import ROOT, functions, policies, resources, routes, statements, template

# The counts of the whole service that the code emits by name.
COUNTS = {
    name
    for path in (ROOT / "layers/core/besunny").rglob("*.py")
    for name in re.findall(r'emit_count\("(\w+)"', path.read_text())
}


def test_the_role_table_and_the_routes_name_the_same_endpoints():
    assert set(routes()) == set(NEEDED) | OPEN


def test_only_open_endpoints_go_without_the_authorizer():
    unguarded = {
        (event["Properties"]["Method"].upper(), event["Properties"]["Path"])
        for properties in functions().values()
        for event in properties.get("Events", {}).values()
        if event["Type"] == "Api" and event["Properties"].get("Auth", {}).get("Authorizer") == "NONE"
    }
    assert unguarded == OPEN


def gateway_responses():
    return resources("AWS::Serverless::Api")["Api"]["GatewayResponses"]


def test_api_gateways_own_answers_are_all_ours():
    model = boto3.client("apigateway", region_name="us-east-1").meta.service_model
    assert set(gateway_responses()) == set(model.shape_for("GatewayResponseType").enum)


@pytest.mark.parametrize("kind", gateway_responses())
def test_an_answer_of_api_gateway_is_a_whole_problem_document(kind):
    response = gateway_responses()[kind]
    problem = json.loads(response["ResponseTemplates"]["application/json"])
    status = HTTPStatus(response["StatusCode"])
    assert problem.keys() == {"type", "title", "status", "detail", "instance"}
    assert (problem["status"], problem["title"], problem["type"]) == (status, title_of(status), type_of(status))
    assert problem["instance"] == "urn:besunny:request:$context.requestId"
    assert response["ResponseParameters"]["Headers"]["Content-Type"] == "'application/problem+json'"


def test_one_function_an_endpoint():
    answering = list(routes().values())
    assert len(answering) == len(set(answering))


@pytest.mark.parametrize("name", functions())
def test_the_handler_exists(name):
    module, _, function = functions()[name]["Handler"].rpartition(".")
    source = ROOT / "functions" / (module.replace(".", "/") + ".py")
    assert source.is_file(), f"{name}: {source} is missing"
    assert f"def {function}(" in source.read_text()


def test_every_handler_file_is_deployed():
    deployed = {
        properties["Handler"].rpartition(".")[0].replace(".", "/") + ".py" for properties in functions().values()
    }
    files = {str(path.relative_to(ROOT / "functions")) for path in (ROOT / "functions").rglob("*.py")}
    assert {name for name in files if not name.endswith("__init__.py")} == deployed


@pytest.mark.parametrize("name", [*functions(), *resources("AWS::Serverless::StateMachine")])
def test_no_statement_allows_everything(name):
    properties = {**functions(), **resources("AWS::Serverless::StateMachine")}[name]
    for statement in statements(properties):
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        assert not any("*" in action for action in actions), f"{name}: list the actions"
        if statement["Resource"] == "*":
            assert all(action.startswith("cloudwatch:") for action in actions), f"{name}: name the resource"


def test_policies_are_written_out_so_that_they_can_be_checked():
    for name, properties in {**functions(), **resources("AWS::Serverless::StateMachine")}.items():
        assert all("Statement" in policy for policy in policies(properties)), name


@pytest.mark.parametrize("name", functions())
def test_a_function_reaches_only_the_machines_of_this_stack(name):
    for statement in statements(functions()[name]):
        assert "${AWS::StackName}-*" not in str(statement["Resource"]), f"{name}: name the machines"


def test_a_star_resource_is_explained_above_it():
    lines = (ROOT / "template.yaml").read_text().splitlines()
    for number, line in enumerate(lines):
        if 'Resource: "*"' in line:
            assert lines[number - 1].strip().startswith("#"), f"line {number + 1}: say why"


@pytest.mark.parametrize("name", resources("AWS::DynamoDB::Table"))
def test_every_table_expires_what_is_old(name):
    assert resources("AWS::DynamoDB::Table")[name]["TimeToLiveSpecification"] == {
        "AttributeName": "expires_at",
        "Enabled": True,
    }


def test_every_alarm_tells_somebody_and_says_why():
    for name, alarm in resources("AWS::CloudWatch::Alarm").items():
        assert alarm["AlarmActions"] == [{"Ref": "AlertTopic"}], name
        assert len(alarm["AlarmDescription"]) > 20, name


def test_alarms_on_our_own_metrics_watch_what_the_code_emits(capsys):
    emit_invocation(function_name="f", duration_ms=1, error=True)
    emit_invocation(function_name="f", duration_ms=1, error=True, request=True)
    emitted = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    known = {(m["Name"], frozenset(d["CloudWatchMetrics"][0]["Dimensions"][0])) for e in emitted for d in [e["_aws"]]
             for m in d["CloudWatchMetrics"][0]["Metrics"]}  # fmt: skip
    counted = {(name, frozenset({"service", "stack"})) for name in COUNTS}
    for name, alarm in resources("AWS::CloudWatch::Alarm").items():
        if alarm["Namespace"] == "BeSunny":
            watched = (alarm["MetricName"], frozenset(dimension["Name"] for dimension in alarm["Dimensions"]))
            assert watched in known | counted, name


def test_state_machine_definitions_are_files():
    for name, machine in resources("AWS::Serverless::StateMachine").items():
        assert (ROOT / machine["DefinitionUri"]).is_file(), name


def test_runtime_and_architecture_are_parameters():
    parameters = template()["Parameters"]
    assert parameters["Runtime"]["Default"] == "python3.13"
    assert parameters["Architecture"]["Default"] == "arm64"
    assert template()["Globals"]["Function"]["Runtime"] == {"Ref": "Runtime"}
