"""Each state machine's role allows what its states do, and nothing else."""

import json

import pytest

from besunny.orchestration.catalogue import SERVICE_OF
from tests.infrastructure.template import ROOT, resources
from tests.infrastructure.test_state_machines import states_of
from tests.integration.least_privilege.iam import Access, arn, stack_names

MACHINES = resources("AWS::Serverless::StateMachine")
NAMES = stack_names()


def invoked(state, given):
    """ARNs of the functions that a task may invoke: one, or whichever its input names."""
    if state["Resource"] != "arn:aws:states:::lambda:invoke":
        return [NAMES.text(given[state["Resource"].strip("${}")])]
    assert state["Parameters"]["FunctionName.$"] == "States.Format('${ServiceFunctionPrefix}{}', $.service)"
    prefix = NAMES.text(given["ServiceFunctionPrefix"])
    return [arn("lambda", f"function:{prefix}{service}") for service in SERVICE_OF.values()]


def needed(properties):
    """What Step Functions does for the states of a machine.

    A Distributed Map: https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
    """
    definition = json.loads((ROOT / properties["DefinitionUri"]).read_text())
    name = NAMES.text(properties["Name"])
    for _, state in states_of(definition):
        if state["Type"] == "Task":
            for function in invoked(state, properties["DefinitionSubstitutions"]):
                yield Access("lambda:InvokeFunction", function)
        if state.get("ItemProcessor", {}).get("ProcessorConfig", {}).get("Mode") == "DISTRIBUTED":
            yield Access("states:StartExecution", arn("states", f"stateMachine:{name}"))
            for action in ("states:DescribeExecution", "states:StopExecution"):
                yield Access(action, arn("states", f"execution:{name}:*"))
                yield Access(action, arn("states", f"execution:{name}/{state['Label']}:*"))
        if "ItemReader" in state:
            assert state["ItemReader"]["Resource"] == "arn:aws:states:::s3:getObject"
            # Where `create_batch` puts the items.
            yield Access("s3:GetObject", f"{NAMES.attributes['DataBucket.Arn']}/inputs/*")


@pytest.mark.parametrize("machine", MACHINES)
def test_a_machine_may_do_what_its_states_do_and_no_more(machine):
    properties = MACHINES[machine]
    assert set(NAMES.allowed(properties)) == set(needed(properties))
