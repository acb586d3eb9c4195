"""Every ASL file: bounded, retried where that helps, caught where it must be, and carrying references only."""

import json

import pytest

from besunny.orchestration.catalogue import BOUNDS, WorkflowType
from besunny.orchestration.costs import steps_of
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


# https://docs.aws.amazon.com/step-functions/latest/dg/bp-lambda-serviceexception.html
TRANSIENT = [
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.ServiceException",
    "Lambda.TooManyRequestsException",
]

STATES = [(f"{machine}:{path}", state) for machine, d in MACHINES.items() for path, state in states_of(d)]
TASKS = [(path, state) for path, state in STATES if state["Type"] == "Task"]
SERVICES = [(path, state) for path, state in TASKS if "SettleWorkflow" not in state["Resource"]]


def handed_on(task):
    """What a task's function is given."""
    return task["Parameters"].get("Payload", task["Parameters"])


def test_the_machines_are_those_of_the_template():
    used = {machine["DefinitionUri"] for machine in resources("AWS::Serverless::StateMachine").values()}
    assert used == {f"statemachines/{name}.asl.json" for name in MACHINES} != set()


@pytest.mark.parametrize("machine", MACHINES)
def test_a_machine_is_bounded_and_the_lease_outlives_it(machine):
    assert MACHINES[machine]["TimeoutSeconds"] == BOUNDS[machine].machine_seconds < BOUNDS[machine].lease_seconds
    assert len(MACHINES[machine]["Comment"]) > 20


@pytest.mark.parametrize("machine", MACHINES)
def test_the_template_gives_the_substitutions_that_are_used(machine):
    text = json.dumps(MACHINES[machine])
    used = {part.split("}")[0] for part in text.split("${")[1:]}
    given = next(
        properties["DefinitionSubstitutions"]
        for properties in resources("AWS::Serverless::StateMachine").values()
        if properties["DefinitionUri"].endswith(f"/{machine}.asl.json")
    )
    assert used == given.keys()


@pytest.mark.parametrize(("path", "task"), TASKS, ids=[path for path, _ in TASKS])
def test_a_task_has_a_time_limit_and_retries_what_passes(path, task):
    assert 0 < task["TimeoutSeconds"] <= 900
    transient, *rest = task["Retry"]
    assert sorted(transient["ErrorEquals"]) == TRANSIENT
    assert transient["BackoffRate"] > 1
    assert rest, "timeouts or other errors are retried apart from transient ones"
    assert task["Comment"]


@pytest.mark.parametrize(("path", "task"), SERVICES, ids=[path for path, _ in SERVICES])
def test_a_service_that_fails_is_caught_and_nothing_but_references_goes_in(path, task):
    assert task["Catch"][-1]["ErrorEquals"] == ["States.ALL"]
    assert {name for name in handed_on(task) if name.startswith("input")} == {"input.$"}
    # Sum of all tries of one task stays within the machine's own limit.
    tries = 1 + next(r["MaxAttempts"] for r in task["Retry"] if r["ErrorEquals"] == ["States.Timeout"])
    assert tries * task["TimeoutSeconds"] < BOUNDS[path.split(":")[0]].machine_seconds


def test_tasks_of_one_kind_retry_alike():
    """The lists are written out in each task, since ASL has no way to share them; so they must not drift apart."""
    for tasks in (SERVICES, [entry for entry in TASKS if entry not in SERVICES]):
        assert len({json.dumps(task["Retry"], sort_keys=True) for _, task in tasks}) == 1


def following(state):
    """Names of the states that may come after this one."""
    named = [state.get("Next"), state.get("Default")]
    named += [choice["Next"] for choice in [*state.get("Choices", []), *state.get("Catch", [])]]
    return {name for name in named if name}


# Every flow of its own: the machines, the branches of a Parallel, the processor of a Map.
FLOWS = dict(MACHINES)
for path, state in STATES:
    FLOWS |= {f"{path}[{number}]": branch for number, branch in enumerate(state.get("Branches", []))}
    FLOWS |= {path: state["ItemProcessor"]} if "ItemProcessor" in state else {}


@pytest.mark.parametrize("flow", FLOWS)
def test_every_state_is_reached_and_comes_to_an_end(flow):
    states = FLOWS[flow]["States"]
    reached, found = set(), {FLOWS[flow]["StartAt"]}
    while found:
        assert found <= states.keys()
        reached |= found
        found = {name for known in found for name in following(states[known])} - reached
    assert reached == states.keys()
    ends = {name for name, state in states.items() if state.get("End") or state["Type"] in ("Succeed", "Fail")}
    ending = set()
    while ending != (ending := ends | {name for name, state in states.items() if following(state) & ending}):
        pass
    assert ending == states.keys()


def is_service(state):
    return state["Type"] == "Task" and "SettleWorkflow" not in state["Resource"]


@pytest.mark.parametrize(
    "flow", [name for name, flow in FLOWS.items() if any(map(is_service, flow["States"].values()))]
)
def test_a_task_ends_its_flow_and_its_failure_is_kept_with_what_it_carried(flow):
    """The task ends the workflow itself; what could not be computed is kept as an outcome too."""
    (task,) = filter(is_service, FLOWS[flow]["States"].values())
    assert task["End"]
    (caught,) = task["Catch"]
    keep = FLOWS[flow]["States"][caught["Next"]]
    assert "SettleWorkflow" in keep["Resource"]
    assert keep["End"]
    kept = {name: value for name, value in handed_on(task).items() if not name.startswith(("input", "wanted"))}
    assert keep["Parameters"] == {**kept, "error.$": "$.error"}


def steps(flow):
    """States that a run without errors enters."""
    count, name = 0, flow["StartAt"]
    while name:
        state = flow["States"][name]
        count += 1 + sum(steps(branch) for branch in state.get("Branches", []))
        name = state.get("Next")
    return count


@pytest.mark.parametrize(("machine", "kind"), [("hybrid", "hybrid"), ("service", "classification"), ("batch", "batch")])
def test_transitions_are_counted_as_the_machines_are_drawn(machine, kind):
    assert steps_of(WorkflowType(kind), 3).transitions == 1 + steps(MACHINES[machine])


def test_a_task_of_a_batch_is_counted_as_its_processor_is_drawn():
    processor = MACHINES["batch"]["States"]["RunItems"]["ItemProcessor"]
    assert steps_of(WorkflowType.HYBRID, 3, in_batch=True).transitions == 3 * (1 + steps(processor))


def test_the_map_reads_its_items_from_s3_tolerates_failures_and_keeps_no_output():
    run_items = MACHINES["batch"]["States"]["RunItems"]
    assert run_items["ItemReader"]["Resource"] == "arn:aws:states:::s3:getObject"
    assert run_items["ItemProcessor"]["ProcessorConfig"]["Mode"] == "DISTRIBUTED"
    assert run_items["ToleratedFailurePercentage"] == 100
    assert "ResultWriter" not in run_items
    assert run_items["ResultPath"] is None
    assert 0 < run_items["MaxConcurrency"] <= 40
