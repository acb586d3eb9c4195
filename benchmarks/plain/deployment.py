"""The plain design on a running laptop stack, beside ours: the same runtime, layers, memory and engine."""

from __future__ import annotations

import io
import json
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.stack import build
from local.stack.laptop import LaptopStack, physical_name

TABLE, BUCKET = "plain", "plain-data"
ROLE = "arn:aws:iam::000000000000:role/plain"
SMALL, LARGE = 512, 1769
SERVICE_OF = {
    "classification": "classification",
    "meeting_intelligence": "meeting_intelligence",
    "embedding": "embeddings",
    "project_onboarding": "project_onboarding",
}
SERVICES = tuple(SERVICE_OF.values())
STEPS = {
    "submit": SMALL,
    "status": SMALL,
    "validate": SMALL,
    "route": SMALL,
    "combine_results": SMALL,
    "store": SMALL,
    "notify": SMALL,
    **dict.fromkeys(SERVICES, LARGE),
}


@dataclass
class PlainDesign:
    """It as it runs.

    Attributes:
        machines: the definition of each state machine.
    """

    stack: LaptopStack
    machines: dict[str, dict[str, Any]]

    def submit(self, workflow_type: str, data: dict[str, Any]) -> str:
        """Start a workflow; gives its id, which is its execution's name."""
        return str(self._invoke("submit", {"workflow_type": workflow_type, "input_data": data})["workflow_id"])

    def status(self, workflow_id: str) -> dict[str, Any]:
        """What its owner sees."""
        return self._invoke("status", {"workflow_id": workflow_id})

    def _invoke(self, step: str, event: dict[str, Any]) -> dict[str, Any]:
        answer = self.stack.client("lambda").invoke(FunctionName=f"plain-{step}", Payload=json.dumps(event).encode())
        found: dict[str, Any] = json.loads(answer["Payload"].read())
        if answer.get("FunctionError"):
            raise RuntimeError(f"{step}: {found}")
        return found


def deploy(stack: LaptopStack, *, endpoint: str | None = None) -> PlainDesign:
    """Make its table, functions and machines.

    Args:
        endpoint: where its functions find AWS; the stack's own unless said.
    """
    stack.client("dynamodb").create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    )
    stack.client("s3").create_bucket(Bucket=BUCKET)
    environment = {"TABLE": TABLE, "BUCKET": BUCKET, "POWERTOOLS_METRICS_NAMESPACE": "Plain"}
    environment |= {"AWS_ENDPOINT_URL": endpoint} if endpoint else {}
    steps = [step for step in STEPS if step != "submit"]
    functions = {step: _function(stack, step, environment) for step in steps}
    machines = {"service": _service_machine(functions), "hybrid": _hybrid_machine(functions)}
    for name, definition in machines.items():
        made = stack.client("stepfunctions").create_state_machine(
            name=f"plain-{name}", definition=json.dumps(definition), roleArn=ROLE
        )
        environment[f"{name.upper()}_MACHINE"] = made["stateMachineArn"]
    _function(stack, "submit", environment)
    return PlainDesign(stack, machines)


def _function(stack: LaptopStack, step: str, environment: dict[str, str]) -> str:
    client = stack.client("lambda")
    ours = client.get_function_configuration(
        FunctionName=physical_name(stack.client("cloudformation"), "ClassificationFunction")
    )
    made = client.create_function(
        FunctionName=f"plain-{step}",
        Runtime=build.RUNTIME,
        Architectures=[build.architecture()],
        Role=ROLE,
        Handler=f"steps.{'serve' if step in SERVICES else step}",
        Code={"ZipFile": _code()},
        Layers=[layer["Arn"] for layer in ours["Layers"]],
        MemorySize=STEPS[step],
        Timeout=60,
        Environment={"Variables": environment},
    )
    client.get_waiter("function_active_v2").wait(FunctionName=f"plain-{step}")
    return str(made["FunctionArn"])


def _code() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("steps.py", (Path(__file__).parent / "steps.py").read_text())
    return content.getvalue()


def _task(function: str, following: str | None, **more: Any) -> dict[str, Any]:
    retry = {"ErrorEquals": ["Lambda.ServiceException", "Lambda.TooManyRequestsException"], "MaxAttempts": 4}
    state = {"Type": "Task", "Resource": function, "Retry": [retry], **more}
    return {**state, "Next": following} if following else {**state, "End": True}


def _of_service(service: str) -> dict[str, Any]:
    carried = {"workflow_id.$": "$.workflow_id", "workflow_type.$": "$.workflow_type", "service": service}
    return {"Parameters": carried, "ResultPath": None}


def _service_machine(functions: dict[str, str]) -> dict[str, Any]:
    """Which service runs is chosen by its type."""
    choices = [
        {"Variable": "$.workflow_type", "StringEquals": kind, "Next": service} for kind, service in SERVICE_OF.items()
    ]
    return {
        "StartAt": "validate",
        "States": {
            "validate": _task(functions["validate"], "route"),
            "route": _task(functions["route"], "choose"),
            "choose": {"Type": "Choice", "Choices": choices},
            **{service: _task(functions[service], "store", **_of_service(service)) for service in SERVICES},
            "store": _task(functions["store"], "notify"),
            "notify": _task(functions["notify"], None),
        },
    }


def _hybrid_machine(functions: dict[str, str]) -> dict[str, Any]:
    branches = [
        {"StartAt": service, "States": {service: _task(functions[service], None, **_of_service(service))}}
        for service in ("classification", "meeting_intelligence", "embeddings")
    ]
    return {
        "StartAt": "validate",
        "States": {
            "validate": _task(functions["validate"], "route"),
            "route": _task(functions["route"], "services"),
            "services": {"Type": "Parallel", "Branches": branches, "ResultPath": None, "Next": "combine_results"},
            "combine_results": _task(functions["combine_results"], "store"),
            "store": _task(functions["store"], "notify"),
            "notify": _task(functions["notify"], None),
        },
    }


def ended(stack: LaptopStack, arn: str, *, within: float = 60.0) -> dict[str, Any]:
    """What Step Functions says of an execution once it has ended.

    Raises:
        TimeoutError: it had not, so many seconds later.
    """
    client, deadline = stack.client("stepfunctions"), time.monotonic() + within
    while (found := client.describe_execution(executionArn=arn))["status"] == "RUNNING":
        if time.monotonic() > deadline:
            raise TimeoutError(f"{arn} runs after {within:.0f} s")
        time.sleep(0.02)
    return dict(found)
