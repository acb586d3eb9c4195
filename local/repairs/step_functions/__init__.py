"""Step Functions executions that end when and as AWS ends them."""

from local.repairs.step_functions import distributed_map, executions, retention, starting, states


def apply() -> None:
    executions.apply()
    starting.apply()
    states.apply()
    distributed_map.apply()
    retention.apply()
