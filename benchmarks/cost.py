"""What a workflow costs on AWS, beside the plain design (a Lambda a step), both run on one laptop stack.

`make cost` runs each type of workflow several times in both designs, by turns and on equal inputs that no cache knows,
and prints for each what AWS would bill, priced by `pricing.json`:

* transitions, from the executions' histories and machines (`transitions`);
* invocations and GB-seconds, from the stack's AWS/Lambda metrics: every function but the authorizer, whose answer API
  Gateway keeps. Milliseconds are this machine's: AWS's processors and network differ, the same for both designs;
* DynamoDB units, from the items that were read and written (`metering_proxy`);
* requests to API Gateway (one to start, one for the result), S3, SQS and EventBridge.

Left out on both sides: logs, metrics, storage and what schedules do. The plain design has no limits, order, cancel,
fencing, audit, cache or joining (`plain/steps.py`).
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.metering_proxy import MeteringProxy
from benchmarks.plain import deployment
from benchmarks.plain.deployment import PlainDesign, ended
from benchmarks.transitions import transitions
from local.emulator_process import free_port
from local.stack import http
from local.stack.laptop import LaptopStack, physical_name

ROOT = Path(__file__).parents[1]
PRICES = json.loads((ROOT / "layers/core/besunny/orchestration/pricing.json").read_text())
WORKFLOWS = "/v1/ai-orchestration/workflows"
ITEMS = 20
# Activity is recorded, and ends are announced, after the answer.
_SETTLED_SECONDS = 3.0
_PROJECTS = [
    {"id": "p1", "name": "Harbour bridge", "description": "Repair and repainting of the harbour bridge"},
    {"id": "p2", "name": "Clinic", "description": "Vaccination campaign of the city's clinics"},
]


@dataclass
class Bill:
    """What so many workflows used."""

    workflows: int = 0
    counts: Counter[str] = field(default_factory=Counter)

    def each(self, name: str) -> float:
        """Of one workflow."""
        return self.counts[name] / self.workflows

    @property
    def usd(self) -> float:
        """Of one workflow."""
        prices = {
            "transitions": "state_transition",
            "invocations": "lambda_request",
            "gb_seconds": "lambda_gb_second",
            "read_units": "dynamodb_read_unit",
            "write_units": "dynamodb_write_unit",
            "api": "api_request",
            "s3_put": "s3_put",
            "s3_get": "s3_get",
            "sqs": "sqs_request",
            "events": "event",
        }
        return sum(self.each(name) * float(PRICES[price]) for name, price in prices.items())


def inputs() -> dict[str, dict[str, Any]]:
    """An input of each type, new each time."""
    meeting = _meeting()
    mark = f"Reference {uuid.uuid4().hex}."
    note = {"content": f"The piers of the harbour bridge are repainted in May; the scaffolding costs $48,500. {mark}"}
    return {
        "classification": {**note, "projects": _PROJECTS},
        "meeting_intelligence": meeting,
        "embedding": note,
        "project_onboarding": {"project_name": f"Bridge {mark}", "overview": note["content"]},
        "hybrid": {**meeting, "projects": _PROJECTS},
    }


def _meeting() -> dict[str, Any]:
    said = ["I will send the plan of the piers by Friday.", "We agreed to repaint the north span first."]
    segments = [
        {"speaker": ("Ana", "Jamal")[n % 2], "text": said[n % 2], "start_time": 8 * n, "end_time": 8 * n + 6}
        for n in range(40)
    ]
    return {"title": f"Standup {uuid.uuid4().hex}", "segments": segments}


class Meter:
    """Reads off what was used since the last time."""

    def __init__(self, stack: LaptopStack, proxy: MeteringProxy | None) -> None:
        self._stack = stack
        self._proxy = proxy
        functions = stack.client("lambda").get_paginator("list_functions").paginate()
        self._memory = {one["FunctionName"]: one["MemorySize"] for page in functions for one in page["Functions"]}
        authorizer = physical_name(stack.client("cloudformation"), "AuthorizerFunction")
        del self._memory[authorizer]
        self._before = self._lambda()

    def take(self) -> Counter[str]:
        """All counts."""
        time.sleep(_SETTLED_SECONDS)
        now = self._lambda()
        found = self._proxy.take() if self._proxy else Counter[str]()
        for name in ("invocations", "gb_seconds"):
            found[name] = now[name] - self._before[name]  # type: ignore[assignment]
        self._before = now
        return found

    def _lambda(self) -> Counter[str]:
        cloudwatch, found = self._stack.client("cloudwatch"), Counter[str]()
        now = datetime.now(UTC)
        for function, memory in self._memory.items():
            for metric in ("Invocations", "Duration"):
                points = cloudwatch.get_metric_statistics(
                    Namespace="AWS/Lambda",
                    MetricName=metric,
                    Dimensions=[{"Name": "FunctionName", "Value": function}],
                    StartTime=now - timedelta(hours=6),
                    EndTime=now + timedelta(minutes=1),
                    Period=86_400,
                    Statistics=["Sum"],
                )["Datapoints"]
                total = sum(point["Sum"] for point in points)
                if metric == "Invocations":
                    found["invocations"] += int(total)
                else:
                    found["gb_seconds"] += total / 1000 * memory / 1024  # type: ignore[assignment]
        return found


class Ours:
    """The product, by its API."""

    def __init__(self, stack: LaptopStack) -> None:
        self._stack = stack
        self._token = stack.token()

    def run(self, workflow_type: str, data: dict[str, Any]) -> int:
        """One workflow to its end, and its result read; gives its transitions."""
        body = {"workflow_type": workflow_type, "input_data": data}
        return self._run(WORKFLOWS, body, 0)

    def run_batch(self) -> int:
        """A batch of classifications."""
        items = [{"workflow_type": "classification", "input_data": inputs()["classification"]} for _ in range(ITEMS)]
        return self._run(f"{WORKFLOWS}/batch", {"workflows": items}, ITEMS)

    def _run(self, path: str, body: dict[str, Any], items: int) -> int:
        made = http.call("POST", f"{self._stack.api_url}{path}", token=self._token, body=body).body
        kind = "batch" if items else ("hybrid" if made["workflow_type"] == "hybrid" else "service")
        name = physical_name(self._stack.client("cloudformation"), f"{kind.capitalize()}StateMachine")
        execution = name.replace(":stateMachine:", ":execution:") + f":{made['workflow_id']}-1"
        ended(self._stack, execution)
        status = f"{self._stack.api_url}{WORKFLOWS}/{made['workflow_id']}/status"
        found = http.call("GET", status, token=self._token).body
        assert found["status"] == "completed", found
        machine = self._stack.client("stepfunctions").describe_state_machine(stateMachineArn=name)
        return transitions(_entered(self._stack, execution), json.loads(machine["definition"]), items=items)


class Plain:
    """The plain design."""

    def __init__(self, design: PlainDesign) -> None:
        self._design = design

    def run(self, workflow_type: str, data: dict[str, Any]) -> int:
        """As `Ours.run`."""
        kind = "hybrid" if workflow_type == "hybrid" else "service"
        workflow_id = self._design.submit(workflow_type, data)
        machine = next(
            one["stateMachineArn"]
            for one in self._design.stack.client("stepfunctions").list_state_machines()["stateMachines"]
            if one["name"] == f"plain-{kind}"
        )
        execution = machine.replace(":stateMachine:", ":execution:") + f":{workflow_id}"
        found = ended(self._design.stack, execution)
        assert found["status"] == "SUCCEEDED", found
        assert self._design.status(workflow_id)["WORKFLOW"]["status"] == "completed"
        return transitions(_entered(self._design.stack, execution), self._design.machines[kind])


def _entered(stack: LaptopStack, execution: str) -> list[str]:
    pages = stack.client("stepfunctions").get_paginator("get_execution_history").paginate(executionArn=execution)
    events = [event for page in pages for event in page["events"]]
    return [event["stateEnteredEventDetails"]["name"] for event in events if "stateEnteredEventDetails" in event]


def pause_schedules(stack: LaptopStack) -> None:
    """What runs by the clock belongs to no workflow."""
    scheduler = stack.client("scheduler")
    for one in scheduler.list_schedules()["Schedules"]:
        found = scheduler.get_schedule(Name=one["Name"], GroupName=one.get("GroupName", "default"))
        kept = ("Name", "GroupName", "ScheduleExpression", "FlexibleTimeWindow", "Target")
        scheduler.update_schedule(**{name: found[name] for name in kept if name in found}, State="DISABLED")


def measure(stack: LaptopStack, proxy: MeteringProxy | None, runs: int) -> dict[str, tuple[Bill, Bill]]:
    """The bills of both designs by type; of a batch's item beside a single workflow of the plain design."""
    ours, plain = Ours(stack), Plain(deployment.deploy(stack, endpoint=proxy.url if proxy else None))
    pause_schedules(stack)
    meter = Meter(stack, proxy)
    kinds = list(inputs())
    bills = {kind: (Bill(), Bill()) for kind in kinds}
    for turn in range(runs + 1):
        for kind in kinds:
            for design, bill in zip((ours, plain), bills[kind], strict=True):
                found = design.run(kind, inputs()[kind])
                counted = meter.take()
                if turn:  # the first starts the functions
                    _add(bill, counted, found, api=2, workflows=1)
    batch = Bill()
    for turn in range(2):
        found = ours.run_batch()
        counted = meter.take()
        if turn:
            _add(batch, counted, found, api=2, workflows=ITEMS)
    return {**bills, f"an item of a batch of {ITEMS}": (batch, bills["classification"][1])}


def _add(bill: Bill, counted: Counter[str], found: int, *, api: int, workflows: int) -> None:
    bill.workflows += workflows
    bill.counts += counted
    bill.counts["transitions"] += found
    bill.counts["api"] += api


def table(bills: dict[str, tuple[Bill, Bill]]) -> str:
    """The figures, a row a design and type."""
    columns = (
        "transitions",
        "invocations",
        "gb_seconds",
        "read_units",
        "write_units",
        "api",
        "s3_put",
        "sqs",
        "events",
    )
    head = f"{'of one workflow':<26}{'design':<7}" + "".join(f"{name:>13}" for name in columns) + f"{'USD/1,000':>12}"
    lines = [head, "-" * len(head)]
    for kind, pair in bills.items():
        for name, bill in zip(("ours", "plain"), pair, strict=True):
            figures = "".join(
                f"{bill.each(column):>13.3f}" if column == "gb_seconds" else f"{bill.each(column):>13.1f}"
                for column in columns
            )
            lines.append(f"{kind if name == 'ours' else '':<26}{name:<7}{figures}{bill.usd * 1000:>12.4f}")
        lines.append(f"{'':<26}ours / plain: {pair[0].usd / pair[1].usd:.2f}")
    return "\n".join(lines)


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m benchmarks.cost", description=__doc__)
    options.add_argument("--runs", type=int, default=5, help="of each type and design, after one that warms up")
    given = options.parse_args()
    bills, timed = (on_a_stack(given.runs, metered=metered) for metered in (True, False))
    for kind, pair in bills.items():
        for bill, other in zip(pair, timed[kind], strict=True):
            # The proxy holds requests up: milliseconds are those of a run without it.
            bill.counts["gb_seconds"] = other.counts["gb_seconds"]
    print(table(bills))


def on_a_stack(runs: int, *, metered: bool) -> dict[str, tuple[Bill, Bill]]:
    """`measure` on a stack of its own, which is gone then."""
    with tempfile.TemporaryDirectory() as folder:
        stack = LaptopStack(data=Path(folder), api_port=free_port(), aws_port=free_port())
        proxy = MeteringProxy(stack.aws_url, stack.client("dynamodb")) if metered else None
        stack.given = {"EndpointUrl": proxy.url} if proxy else {}
        stack.start()
        try:
            return measure(stack, proxy, runs)
        finally:
            if proxy:
                proxy.close()
            stack.stop()


if __name__ == "__main__":
    main()
