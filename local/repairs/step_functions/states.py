"""States inside Parallel and Map: they fail fast, stop with their execution, and appear in its history.

AWS: a branch or item that fails ends its siblings at once, and the state fails without waiting for them; nothing starts
after the end of the execution; a branch has variables of its own; the output of a state is at most 256 KiB. Stock
ministack lets every branch run to its end first, and records nothing of the states inside.
"""

from __future__ import annotations

import contextvars
import copy
import json
import threading
from collections.abc import Callable, Sequence
from typing import Any

from ministack.services import stepfunctions as sfn

from local.repairs.pins import expect
from local.repairs.step_functions import scope as scopes
from local.repairs.step_functions.scope import Ended, Scope

PAYLOAD_BYTES = 262_144
_State = dict[str, Any]


def run_states(states: _State, start_at: str, document: Any, execution: _State, ctx: _State) -> Any:
    """Run states from `start_at` to an end; answers the last one's output. Raises _ExecutionError, Ended."""
    name: str | None = start_at
    while name:
        scopes.check()
        if name not in states:
            raise sfn._ExecutionError("States.Runtime", f"State '{name}' not found in definition")
        state = states[name]
        kind = state.get("Type", "")
        ctx["State"] = {"Name": name, "EnteredTime": sfn.now_iso(), "RetryCount": 0}
        entered = {"name": name, "input": json.dumps(document)}
        sfn._add_event(execution, f"{kind}StateEntered", {"stateEnteredEventDetails": entered})
        document, following = _run_state(kind, state, document, execution, ctx)
        scopes.check()
        output = json.dumps(document)
        if len(output) > PAYLOAD_BYTES:
            message = f"The state/task '{name}' returned a result with a size exceeding the maximum number of bytes"
            raise sfn._ExecutionError("States.DataLimitExceeded", f"{message} service limit.")
        sfn._add_event(execution, f"{kind}StateExited", {"stateExitedEventDetails": {"name": name, "output": output}})
        name = following
    return document


def _run_state(kind: str, state: _State, document: Any, execution: _State, ctx: _State) -> tuple[Any, str | None]:
    if kind == "Succeed":
        taken = sfn._apply_input_path(state, document, ctx)
        return sfn._apply_output_path(state, taken, ctx), None
    if kind == "Fail":
        raise sfn._ExecutionError(*sfn._fail_state_error(state, document, ctx))
    with_execution = {"Task": sfn._execute_task, "Parallel": sfn._execute_parallel, "Map": sfn._execute_map}
    plain = {"Pass": sfn._execute_pass, "Choice": sfn._execute_choice, "Wait": sfn._execute_wait}
    if kind in with_execution:
        done: tuple[Any, str | None] = with_execution[kind](state, document, execution, ctx)
    elif kind in plain:
        done = plain[kind](state, document, ctx)
    else:
        raise sfn._ExecutionError("States.Runtime", f"Unknown state type: {kind}")
    return done


def run_together(jobs: Sequence[Callable[[], Any]], at_once: int) -> list[Any]:
    """Run all jobs, at most `at_once` at a time; the first that fails ends the others and is raised."""
    parent = scopes.current()
    scope = Scope(parent)
    results: list[Any] = [None] * len(jobs)
    failures: list[BaseException] = []
    waiting = iter(enumerate(jobs))
    done = 0

    def work() -> None:
        nonlocal done
        scopes.enter(scope)
        while True:
            with scope.changed:
                index, job = next(waiting, (-1, None))
            if job is None or scope.stopped:
                return
            try:
                results[index] = job()
            except Ended:
                return
            except Exception as problem:  # noqa: BLE001 - raised again by the thread that waits
                with scope.changed:
                    failures.append(problem)
                scope.stop()
                return
            with scope.changed:
                done += 1
                scope.changed.notify_all()

    for _ in range(min(at_once, len(jobs)) if at_once > 0 else len(jobs)):
        # A context of its own for each thread, with the account and region that ministack's stores are scoped by.
        threading.Thread(target=contextvars.copy_context().run, args=(work,), daemon=True).start()
    with scope.changed:
        scope.changed.wait_for(lambda: done == len(jobs) or scope.stopped)
        if failures:
            first = failures[0]
            raise first if isinstance(first, sfn._ExecutionError) else sfn._ExecutionError("States.Runtime", str(first))
    scopes.check()
    return results


def _run_parallel(state: _State, document: Any, execution: _State, ctx: _State) -> tuple[Any, str | None]:
    if _is_jsonata(state, ctx):
        taken = sfn._apply_jsonata_arguments(state, document, ctx) if "Arguments" in state else document
    else:
        taken = sfn._apply_parameters(state, sfn._apply_input_path(state, document, ctx), ctx)

    def job(branch: _State) -> Callable[[], Any]:
        own = {**ctx, "variables": copy.deepcopy(ctx.get("variables") or {}), "State": {}}
        return lambda: run_states(branch["States"], branch["StartAt"], copy.deepcopy(taken), execution, own)

    branches = state["Branches"]
    return finish(state, document, ctx, run_together([job(branch) for branch in branches], len(branches)))


def _run_map(state: _State, document: Any, execution: _State, ctx: _State) -> tuple[Any, str | None]:
    processor = state.get("ItemProcessor") or state.get("Iterator") or {}
    taken = sfn._apply_input_path(state, document, ctx)
    if (processor.get("ProcessorConfig") or {}).get("Mode") == "DISTRIBUTED":
        distributed: tuple[Any, str | None] = sfn._run_distributed_map(
            state, document, taken, processor, execution, ctx
        )
        return distributed
    jsonata = _is_jsonata(state, ctx)
    if jsonata and "Items" in state:
        items = sfn._jsonata_state_field(state, "Items", "array", document, ctx)
    else:
        items = sfn._resolve_path_or_ctx(state.get("ItemsPath", "$"), taken, ctx)
    if not isinstance(items, list):
        raise sfn._ExecutionError("States.Runtime", "The items of a Map state must be an array")
    at_once = state.get("MaxConcurrency", 0)
    if jsonata and "MaxConcurrency" in state:
        at_once = sfn._jsonata_state_field(state, "MaxConcurrency", "number", document, ctx)

    def job(index: int, item: Any) -> Callable[[], Any]:
        def run() -> Any:
            own = copy.deepcopy(ctx)
            own["Map"] = {"Item": {"Index": index, "Value": item}}
            return run_states(
                processor["States"],
                processor["StartAt"],
                _item_input(state, document, taken, item, own),
                execution,
                own,
            )

        return run

    # AWS runs at most 40 iterations of an inline Map at a time.
    limit = min(int(at_once), 40) if at_once else 40
    return finish(state, document, ctx, run_together([job(*pair) for pair in enumerate(items)], limit))


def _item_input(state: _State, document: Any, taken: Any, item: Any, ctx: _State) -> Any:
    selector = state.get("ItemSelector") or state.get("Parameters")
    if not selector:
        return item
    if _is_jsonata(state, ctx):
        return sfn._apply_jsonata_template(selector, document, ctx)
    return sfn._resolve_params_obj(selector, taken, ctx)


def finish(state: _State, document: Any, ctx: _State, result: Any) -> tuple[Any, str | None]:
    """What a Parallel or Map state makes of its result, and the state that follows."""
    if _is_jsonata(state, ctx):
        output = sfn._apply_jsonata_output(state, document, ctx, result=result, default=result)
        sfn._apply_state_assign(state, document, ctx, result=result)
    else:
        placed = sfn._apply_result_path(state, document, sfn._apply_result_selector(state, result))
        output = sfn._apply_output_path(state, placed, ctx)
    following: str | None = sfn._next_or_end(state)
    return output, following


def _is_jsonata(state: _State, ctx: _State) -> bool:
    return bool(sfn._state_query_language(state, ctx) == "JSONata")


def apply() -> None:
    for name in ("_execute_task", "_execute_parallel", "_execute_map"):
        expect(sfn, name, "state_def", "raw_input", "execution", "ctx")
    for name in ("_execute_pass", "_execute_choice", "_execute_wait"):
        expect(sfn, name, "state_def", "raw_input", "ctx")
    expect(sfn, "_run_parallel_branches", "state_def", "raw_input", "execution", "ctx")
    expect(sfn, "_run_map_items", "state_def", "raw_input", "execution", "ctx")
    expect(sfn, "_run_sub_machine", "states", "start_at", "input_data", "execution", "ctx")
    expect(sfn, "_scaled_sleep", "seconds")
    sfn._run_parallel_branches = _run_parallel
    sfn._run_map_items = _run_map
    sfn._run_sub_machine = run_states
    sfn._scaled_sleep = scopes.sleep
