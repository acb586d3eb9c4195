"""Every ASL file: bounded, retried where that helps, caught where it must be, and carrying references only."""

import json

import pytest

from besunny.orchestration.catalogue import BOUNDS
from tests.infrastructure.template import ROOT, resources

FILES = sorted((ROOT / "statemachines").glob("*.asl.json"))
MACHINES = {path.name.split(".")[0]: json.loads(path.read_text()) for path in FILES}


def states_of(definition, where=""):
    """(path, state) of every state, those inside Parallel and Map too."""
    for name, state in definition["States"].items():
        yield f"{where}{name}", state
        for number, branch in enumerate(state.get("Branches", [])):
            yield from states_of(branch, f"{where}{name}[{number}].")
        if "ItemProcessor" in state:
            yield from states_of(state["ItemProcessor"], f"{where}{name}.")


STATES = [(f"{machine}:{path}", state) for machine, d in MACHINES.items() for path, state in states_of(d)]
TASKS = [(path, state) for path, state in STATES if state["Type"] == "Task"]
SERVICES = [(path, state) for path, state in TASKS if "SettleWorkflow" not in state["Resource"]]


def test_the_machines_are_those_of_the_template():
    used = {machine["DefinitionUri"] for machine in resources("AWS::Serverless::StateMachine").values()}
    assert used == {f"statemachines/{name}.asl.json" for name in MACHINES} != set()


@pytest.mark.parametrize("machine", MACHINES)
def test_a_machine_is_bounded_and_the_lease_outlives_it(machine):
    assert MACHINES[machine]["TimeoutSeconds"] == BOUNDS[machine].machine_seconds < BOUNDS[machine].lease_seconds
    assert len(MACHINES[machine]["Comment"]) > 20


@pytest.mark.parametrize("machine", MACHINES)
def test_every_substitution_is_given_by_the_template(machine):
    text = json.dumps(MACHINES[machine])
    used = {part.split("}")[0] for part in text.split("${")[1:]}
    given = next(
        properties["DefinitionSubstitutions"]
        for properties in resources("AWS::Serverless::StateMachine").values()
        if properties["DefinitionUri"].endswith(f"/{machine}.asl.json")
    )
    assert used <= given.keys()


@pytest.mark.parametrize(("path", "task"), TASKS, ids=[path for path, _ in TASKS])
def test_a_task_has_a_time_limit_and_retries_what_passes(path, task):
    assert 0 < task["TimeoutSeconds"] <= 900
    transient, *rest = task["Retry"]
    assert "Lambda.TooManyRequestsException" in transient["ErrorEquals"]
    assert "States.Timeout" not in transient["ErrorEquals"]
    assert transient["BackoffRate"] > 1
    assert rest, "timeouts or other errors are retried apart from transient ones"
    assert task["Comment"]


@pytest.mark.parametrize(("path", "task"), SERVICES, ids=[path for path, _ in SERVICES])
def test_a_service_that_fails_is_caught_and_nothing_but_references_goes_in(path, task):
    assert task["Catch"][-1]["ErrorEquals"] == ["States.ALL"]
    assert {name for name in task["Parameters"] if name.startswith("input")} == {"input.$"}
    # Sum of all tries of one task stays within the machine's own limit.
    tries = 1 + next(r["MaxAttempts"] for r in task["Retry"] if r["ErrorEquals"] == ["States.Timeout"])
    assert tries * task["TimeoutSeconds"] < BOUNDS[path.split(":")[0]].machine_seconds


@pytest.mark.parametrize("machine", MACHINES)
def test_every_way_ends_in_settling(machine):
    """From each state of the top level, following Next, Catch, Choices and Default, the end is Settle (or a Fail)."""
    states = MACHINES[machine]["States"]
    ends = [name for name, state in states.items() if state.get("End") or state["Type"] in ("Succeed", "Fail")]
    assert [name for name in ends if states[name]["Type"] != "Fail"] == ["Settle"]
    for state in states.values():
        following = [state.get("Next"), state.get("Default")]
        following += [choice["Next"] for choice in [*state.get("Choices", []), *state.get("Catch", [])]]
        assert {name for name in following if name} <= states.keys()


def test_the_map_reads_its_items_from_s3_tolerates_failures_and_keeps_no_output():
    run_items = MACHINES["batch"]["States"]["RunItems"]
    assert run_items["ItemReader"]["Resource"] == "arn:aws:states:::s3:getObject"
    assert run_items["ItemProcessor"]["ProcessorConfig"]["Mode"] == "DISTRIBUTED"
    assert run_items["ToleratedFailurePercentage"] == 100
    assert "ResultWriter" not in run_items
    assert run_items["ResultPath"] is None
    assert 0 < run_items["MaxConcurrency"] <= 40
