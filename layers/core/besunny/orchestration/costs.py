"""What a workflow costs: what was counted, times the prices in `pricing.json`."""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel

from besunny.orchestration.catalogue import SERVICES_OF_HYBRID, WorkflowType
from besunny.orchestration.records import Usage

_UNPRICED = "an engine's price or use is not known, see `usage.note` in the result: `usd` is without engines"


class WorkflowCost(BaseModel):
    """What an execution used, partly counted and partly estimated, and its price.

    Counted: milliseconds and table units of the tasks, table units of creating it. Estimated: transitions (from the
    machine as drawn, without retries) and the writes of its end (two units each). Left out: the API's own requests,
    the milliseconds of its end, S3, attempts before the last, and tasks of executions that ended otherwise.
    Calls of engines for a task that then gave no result are counted.
    A batch's own cost leaves out its items, which carry theirs.

    Attributes:
        lambda_gb_seconds: memory times duration of the inference tasks.
        engine_usd: of metered engines, in `usd` too; null where the price of one is not known, and then `usd` is
            without it.
        usd: at the prices in `pricing.json`, which says how far they are checked.
        note: what `usd` is without; null where nothing is missing.
    """

    state_transitions: int
    lambda_invocations: int
    lambda_gb_seconds: float
    dynamodb_read_units: float
    dynamodb_write_units: float
    engine_calls: int
    engine_input_tokens: int
    engine_output_tokens: int
    engine_usd: float | None
    usd: float
    note: str | None = None


@lru_cache
def _prices() -> dict[str, float]:
    loaded: dict[str, float] = json.loads((Path(__file__).parent / "pricing.json").read_text())
    return loaded


def cost_of(usage: Usage) -> WorkflowCost:
    """The cost of what was used."""
    prices = _prices()
    gb_seconds = usage.lambda_mb_ms / 1024 / 1000
    usd = (
        usage.transitions * prices["state_transition"]
        + usage.lambda_invocations * prices["lambda_request"]
        + gb_seconds * prices["lambda_gb_second"]
        + usage.read_units * prices["dynamodb_read_unit"]
        + usage.write_units * prices["dynamodb_write_unit"]
        + (0.0 if usage.engine_unpriced else usage.engine_usd)
    )
    return WorkflowCost(
        state_transitions=usage.transitions,
        lambda_invocations=usage.lambda_invocations,
        lambda_gb_seconds=round(gb_seconds, 6),
        dynamodb_read_units=usage.read_units,
        dynamodb_write_units=usage.write_units,
        engine_calls=usage.engine_calls,
        engine_input_tokens=usage.engine_input_tokens,
        engine_output_tokens=usage.engine_output_tokens,
        engine_usd=None if usage.engine_unpriced else round(usage.engine_usd, 9),
        usd=round(usd, 9),
        note=_UNPRICED if usage.engine_unpriced else None,
    )


@dataclass(frozen=True)
class Steps:
    """What a run without errors and retries enters and invokes."""

    transitions: int
    invocations: int


def steps_of(workflow_type: WorkflowType, services: int, *, in_batch: bool = False) -> Steps:
    """The steps of a workflow, as the machines are drawn; each start of an execution counts as a transition.

    Args:
        services: that run.
        in_batch: an item of a batch: each of its services is an execution of its own.
    """
    if workflow_type is WorkflowType.BATCH:
        return Steps(transitions=3, invocations=1)
    if in_batch:
        return Steps(transitions=2 * services, invocations=services)
    if workflow_type is WorkflowType.HYBRID:
        # A service that is not wanted is invoked too, and ends at once: that costs less than a Choice.
        return Steps(transitions=2 + len(SERVICES_OF_HYBRID), invocations=len(SERVICES_OF_HYBRID))
    return Steps(transitions=2, invocations=1)
