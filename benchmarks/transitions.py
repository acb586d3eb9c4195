"""State transitions that AWS would bill for an execution, from its history and its machine.

The laptop's engine leaves what happens inside Parallel and Map states out of a history: those are taken from the
machine, as a run without errors passes through it. https://aws.amazon.com/step-functions/pricing/
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def transitions(entered: Sequence[str], definition: dict[str, Any], *, items: int = 0) -> int:
    """Transitions of one execution, its start counted as one.

    Args:
        entered: names of the states that its history has as entered, in order.
        definition: of its machine.
        items: of its Distributed Map, each a child execution.
    """
    states = definition["States"]
    inside = sum(_inside(states[name], entered, items) for name in entered if name in states)
    return 1 + len(entered) + inside


def _inside(state: dict[str, Any], entered: Sequence[str], items: int) -> int:
    if state["Type"] == "Parallel":
        return sum(_path(branch) for branch in state["Branches"] if branch["StartAt"] not in entered)
    if state["Type"] == "Map":
        processor = state["ItemProcessor"]
        child = 1 if processor["ProcessorConfig"]["Mode"] == "DISTRIBUTED" else 0
        return items * (child + _path(processor))
    return 0


def _path(machine: dict[str, Any]) -> int:
    """States on the way without errors; what is chosen by a Choice is no matter of a path, and is not counted here."""
    count, name = 0, machine["StartAt"]
    while name:
        state = machine["States"][name]
        count += 1 + _inside(state, (), 0)
        name = state.get("Next")
    return count
