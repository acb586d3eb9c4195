"""Engines behind a network end before those who wait for them do, and are tried by their own policy alone."""

import json

from besunny.errors import EngineFailedError, EngineUnavailableError
from besunny.inference.direct import DIRECT_SECONDS, TASK_SECONDS
from tests.infrastructure.template import ROOT, functions, resources, template
from tests.infrastructure.test_state_machines import SERVICES

ASKING = {name: p for name, p in functions().items() if "InferenceLayer" in str(p) and "ENGINES_PARAMETER" in str(p)}
API_GATEWAY_SECONDS = 29


def test_the_last_engine_has_its_turn_before_the_caller_the_task_and_the_function_give_up():
    assert len(ASKING) == 4
    tasks = [task["TimeoutSeconds"] for _, task in SERVICES]
    assert DIRECT_SECONDS + 5 <= API_GATEWAY_SECONDS
    assert min(tasks) >= TASK_SECONDS + 60
    assert max(tasks) <= min(properties["Timeout"] for properties in ASKING.values())


def test_no_state_machine_repeats_what_an_engine_has_tried():
    """A Lambda error bears its class's name; these names, and the two that stand for any, are retried nowhere."""
    names = {error.__name__ for error in (EngineUnavailableError, EngineFailedError)} | {
        "States.ALL",
        "States.TaskFailed",
    }
    for path, task in SERVICES:
        retried = {name for rule in task["Retry"] for name in rule["ErrorEquals"]}
        assert not retried & names, path
        assert task["Catch"][-1]["ErrorEquals"] == ["States.ALL"], path


def test_a_function_reads_one_parameter_one_folder_of_secrets_and_the_models_that_were_named():
    for name, properties in ASKING.items():
        own = [s for policy in properties["Policies"] for s in policy["Statement"]]
        allowed = {
            s["Action"][0]: s["Resource"] for s in own if not s["Action"][0].startswith(("dynamodb", "s3", "sqs"))
        }
        assert str(allowed["ssm:GetParameter"]).endswith("parameter${EnginesParameter}'}"), name
        assert str(allowed["secretsmanager:GetSecretValue"]).endswith("secret:${AWS::StackName}/engines/*'}"), name
        assert allowed.get("bedrock:InvokeModel", {"Ref": "BedrockModels"}) == {"Ref": "BedrockModels"}
    assert template()["Parameters"]["EnginesParameter"]["Default"] == ""
    assert "none" in template()["Parameters"]["BedrockModels"]["Default"]


def test_no_key_stands_in_the_template_or_the_environment():
    text = json.dumps(resources("AWS::Serverless::Function")) + (ROOT / "samconfig.toml").read_text()
    assert "API_KEY" not in text
    assert "SecretString" not in text
