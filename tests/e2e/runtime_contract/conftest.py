"""An emulator of its own for these tests: on free ports, with a temporary data folder and a small stack."""

from __future__ import annotations

import io
import json
import os
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
import urllib3
from botocore.config import Config

from local import emulator_process
from local.emulator.settings import EmulatorSettings
from local.emulator_process import EmulatorProcess, free_port

STACK = Path(__file__).with_name("stack")
RUNTIME = f"python3.{sys.version_info.minor}"
SUCCEEDED, FAILED, ABORTED, TIMED_OUT, RUNNING = "SUCCEEDED", "FAILED", "ABORTED", "TIMED_OUT", "RUNNING"


def eventually(check: Callable[[], Any], seconds: float = 20.0) -> Any:
    """The first true answer of `check`; fails when none comes in time."""
    deadline = time.monotonic() + seconds
    while not (answer := check()):
        assert time.monotonic() < deadline, f"nothing came within {seconds:.0f} s"
        time.sleep(0.05)
    return answer


@dataclass
class Aws:
    """The running emulator and what the tests ask of it."""

    process: EmulatorProcess

    def client(self, service: str) -> Any:
        config = Config(retries={"total_max_attempts": 1}, read_timeout=70, max_pool_connections=50)
        return boto3.client(
            service,
            endpoint_url=self.process.aws_url,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=config,
        )

    def invoke(self, function: str, event: Any, **options: Any) -> tuple[Any, str | None]:
        """The answer of a function, and its FunctionError."""
        answer = self.client("lambda").invoke(FunctionName=f"contract-{function}", Payload=json.dumps(event), **options)
        return json.loads(answer["Payload"].read()), answer.get("FunctionError")

    def request(self, method: str, path: str, **options: Any) -> urllib3.BaseHTTPResponse:
        return urllib3.request(method, self.process.api_url + path, retries=False, timeout=40, **options)

    def function_arn(self, function: str) -> str:
        return f"arn:aws:lambda:us-east-1:000000000000:function:contract-{function}"

    def state_machine(self, definition: str) -> str:
        """Create the state machine of `stack/{definition}.asl.json` anew; its ARN."""
        text = (STACK / f"{definition}.asl.json").read_text()
        for function in ("raise", "pause", "echo", "slow"):
            text = text.replace(f"${{{function}}}", self.function_arn(function))
        created = self.client("stepfunctions").create_state_machine(
            name=f"{definition}-{uuid4().hex[:8]}", definition=text, roleArn="arn:aws:iam::000000000000:role/any"
        )
        arn: str = created["stateMachineArn"]
        return arn

    def start(self, machine: str, document: Any, **options: Any) -> str:
        started = self.client("stepfunctions").start_execution(
            stateMachineArn=machine, input=json.dumps(document), **options
        )
        arn: str = started["executionArn"]
        return arn

    def describe(self, execution: str) -> Any:
        return self.client("stepfunctions").describe_execution(executionArn=execution)

    def ended(self, execution: str, seconds: float = 20.0) -> Any:
        return eventually(lambda: (d := self.describe(execution))["status"] != RUNNING and d, seconds)

    def seen(self, kind: str) -> list[Any]:
        """What the consumers of the stack wrote down, in no order."""
        items = self.client("dynamodb").scan(TableName="contract-seen", ConsistentRead=True)["Items"]
        return [json.loads(item["note"]["S"]) for item in items if item["pk"]["S"].startswith(kind)]

    def put_item(self, key: str, **numbers: int) -> None:
        values = {name: {"N": str(value)} for name, value in numbers.items()}
        self.client("dynamodb").put_item(TableName="contract-items", Item={"pk": {"S": key}, **values})

    def restart(self, *, kill: bool) -> None:
        """End the emulator, by a power cut when `kill`, and start it again on the same data and ports."""
        if kill:
            self.process.kill()
        else:
            self.process.stop()
        self.process = emulator_process.start(self.process.settings)
        self.process.wait_ready()


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> EmulatorSettings:
    return EmulatorSettings(
        data=tmp_path_factory.mktemp("emulator"),
        runtime_python=emulator_process.RUNTIME_PYTHON,
        aws_port=free_port(),
        api_port=free_port(),
        max_environments=4,
        autosave_seconds=0.5,
    )


def deploy(aws: Aws) -> None:
    """Create the stack of `stack/template.yaml`."""
    code = {source.name: source.read_bytes() for source in (STACK / "code").glob("*.py")}
    layer = {"python/shared.py": b'NAME = "of the layer"', "data/padding.bin": os.urandom(200_000)}
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="contract-code")
    s3.put_object(Bucket="contract-code", Key="code.zip", Body=_archive(code))
    s3.put_object(Bucket="contract-code", Key="layer.zip", Body=_archive(layer))
    parameters = {"Bucket": "contract-code", "CodeKey": "code.zip", "LayerKey": "layer.zip", "Runtime": RUNTIME}
    cloudformation = aws.client("cloudformation")
    cloudformation.create_stack(
        StackName="contract",
        TemplateBody=(STACK / "template.yaml").read_text(),
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    status = eventually(
        lambda: (
            (s := cloudformation.describe_stacks(StackName="contract")["Stacks"][0]["StackStatus"])
            and not s.endswith("_IN_PROGRESS")
            and s
        )
    )
    assert status == "CREATE_COMPLETE"


def _archive(files: dict[str, bytes]) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as package:
        for name, content in files.items():
            package.writestr(name, content)
    return archive.getvalue()


@pytest.fixture(scope="session")
def aws(settings: EmulatorSettings) -> Iterator[Aws]:
    """The emulator that the tests of this folder share; none of them may stop it."""
    running = Aws(emulator_process.start(settings))
    try:
        running.process.wait_ready()
        deploy(running)
        yield running
    finally:
        running.process.stop()


@pytest.fixture
def start_aws(settings: EmulatorSettings, tmp_path: Path) -> Iterator[Callable[..., Aws]]:
    """Starts an emulator for one test, which may stop and restart it; takes settings that differ."""
    started: list[Aws] = []

    def start(**changes: Any) -> Aws:
        own = replace(settings, data=tmp_path / "data", aws_port=free_port(), api_port=free_port(), **changes)
        started.append(Aws(emulator_process.start(own)))
        started[-1].process.wait_ready()
        return started[-1]

    yield start
    for aws in started:
        aws.process.stop()


@pytest.fixture
def own_aws(start_aws: Callable[..., Aws]) -> Aws:
    """An emulator with the stack deployed, for one test alone."""
    aws = start_aws()
    deploy(aws)
    return aws
