"""A Distributed Map stops with its execution, and refuses what ministack would silently leave out.

AWS: when the execution ends, the Map Run and the child executions that still run are ABORTED, and no item starts any
more. `ItemBatcher` and `ResultWriter` are not emulated: a state that asks for them fails instead of pretending.
"""

from __future__ import annotations

from typing import Any

from ministack.services import stepfunctions as sfn

from local.repairs.pins import expect
from local.repairs.step_functions import scope as scopes
from local.repairs.step_functions.states import finish

_State = dict[str, Any]
_OWN = ("ResultSelector", "ResultPath", "OutputPath", "Output", "Assign")


def apply() -> None:
    run = expect(sfn, "_run_distributed_map", "state_def", "raw_input", "effective", "iterator", "execution", "ctx")
    resolve = expect(sfn, "_resolve_params_obj", "template", "data", "ctx")

    def run_distributed_map(state_def: _State, raw_input: Any, *rest: Any) -> tuple[Any, str | None]:
        execution, ctx = rest[2:]
        for field in ("ItemBatcher", "ResultWriter"):
            if field in state_def:
                raise sfn._ExecutionError("States.Runtime", f"{field} is not emulated on the laptop")
        before = set(sfn._map_runs)
        # Paths and outputs are applied here, for both query languages; ministack knows them for JSONPath only.
        bare = {name: value for name, value in state_def.items() if name not in _OWN}
        result, _ = run(bare, raw_input, *rest)
        if scopes.current().stopped:
            _abort(set(sfn._map_runs) - before, execution)
        scopes.check()
        return finish(state_def, raw_input, ctx, result)

    def resolve_either(template: Any, data: Any, ctx: _State | None = None) -> Any:
        if ctx and ctx.get("QueryLanguage") == "JSONata" and isinstance(template, dict):
            return sfn._apply_jsonata_template(template, data, ctx)
        return resolve(template, data, ctx)

    sfn._run_distributed_map = run_distributed_map
    sfn._resolve_params_obj = resolve_either


def _abort(new_runs: set[str], execution: _State) -> None:
    runs = [sfn._map_runs[arn] for arn in new_runs]
    for run in (run for run in runs if run["executionArn"] == execution["executionArn"]):
        run.update(status="ABORTED", stopDate=sfn.now_iso())
        children = [child for child in sfn._executions.values() if child.get("mapRunArn") == run["mapRunArn"]]
        for child in children:
            if child["status"] == "RUNNING":
                child.update(status="ABORTED", stopDate=sfn.now_iso())
