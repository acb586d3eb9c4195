"""Every function's sample event through `sam local invoke`, alone and with the laptop stack behind it."""

import json

import pytest

from tests.infrastructure.template import ROOT, functions

pytestmark = pytest.mark.sam_local
EVENTS = {
    name: ROOT / "events" / (properties["Handler"].split(".")[1] + ".json") for name, properties in functions().items()
}
# What these compute follows from their event alone.
ALONE = {"ClassificationFunction", "MeetingIntelligenceFunction", "EmbeddingFunction", "ProjectOnboardingFunction"} | {
    "OpenapiFunction",
    "DocsFunction",
    "ListWorkflowTypesFunction",
}


def payload(done):
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", sorted(ALONE))
def test_a_function_that_needs_no_table_answers(sam_local, name):
    answer = payload(sam_local.invoke(name, EVENTS[name]))
    assert answer["statusCode"] == 200, answer
    assert answer["body"]


def test_a_function_without_its_tables_says_what_is_missing(sam_local):
    done = sam_local.invoke("ListWorkflowsFunction", EVENTS["ListWorkflowsFunction"])
    assert payload(done)["statusCode"] == 500
    assert "WORKFLOWS_TABLE" in done.stderr
    assert "--env-vars" in done.stderr


def test_the_authorizer_lets_the_stacks_own_token_in(sam_local, bridged, stack, tmp_path):
    event = json.loads(EVENTS["AuthorizerFunction"].read_text())
    event["authorizationToken"] = f"Bearer {stack.token(role='user', sub='alice', tenant='acme')}"
    (tmp_path / "event.json").write_text(json.dumps(event))
    policy = payload(sam_local.invoke("AuthorizerFunction", tmp_path / "event.json", *bridged))
    assert policy["policyDocument"]["Statement"][0]["Effect"] == "Allow", policy


@pytest.mark.parametrize("name", sorted(EVENTS.keys() - ALONE - {"AuthorizerFunction"}))
def test_a_function_works_with_the_laptop_stack_behind_it(sam_local, bridged, name):
    done = sam_local.invoke(name, EVENTS[name], *bridged)
    answer = payload(done)
    assert "errorType" not in (answer or {}), answer
    status = answer.get("statusCode", 200) if isinstance(answer, dict) else 200
    # The sample ids of some events exist in no stack: 404 is their right answer.
    assert status < 500, (answer, done.stderr[-2000:])
