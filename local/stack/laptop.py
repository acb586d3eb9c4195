"""The whole stack on this machine, as an object: started, deployed to, killed, restarted and stopped."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from local import emulator_process
from local.emulator.settings import EmulatorSettings
from local.emulator_process import EmulatorProcess
from local.stack import build, deploy, engines, parameters, ports, record, tokens
from local.stack.data_lock import DataLock
from local.stack.errors import StackError

Say = Callable[[str], None]


@dataclass(kw_only=True)
class LaptopStack:
    """One stack. `start` brings it up; `stop` ends every process of it and keeps its data.

    data: folder of its state; one stack at a time. api_port, aws_port: free TCP ports on 127.0.0.1.
    given: template parameters beyond Runtime and Architecture, which are this machine's.
    engines: what `ENGINES=` named.
    """

    data: Path
    api_port: int
    aws_port: int
    given: Mapping[str, str] = field(default_factory=dict)
    engines: engines.Document | None = None
    autosave_seconds: float = 5.0
    say: Say = lambda _line: None
    outputs: dict[str, str] = field(default_factory=dict, init=False)
    defaults: dict[str, str] = field(default_factory=dict, init=False)
    emulator: EmulatorProcess | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.data = self.data.resolve()
        self._lock = DataLock(self.data)
        self.settings = EmulatorSettings(
            data=self.data,
            runtime_python=emulator_process.RUNTIME_PYTHON,
            aws_port=self.aws_port,
            api_port=self.api_port,
            autosave_seconds=self.autosave_seconds,
        )

    @property
    def api_url(self) -> str:
        return self.settings.api_url

    @property
    def aws_url(self) -> str:
        return self.settings.aws_url

    @property
    def region(self) -> str:
        return self.settings.region

    @property
    def parameters(self) -> dict[str, str]:
        """The template parameters in force, defaults included."""
        return {**self.defaults, "Runtime": build.RUNTIME, "Architecture": build.architecture(), **self._chosen}

    @property
    def _chosen(self) -> dict[str, str]:
        named = {"EnginesParameter": engines.PARAMETER} if self.engines else {}
        return {**named, **self.given}

    def start(self) -> EmulatorProcess:
        """Build, start, deploy. Raises StackError or EmulatorError, with everything stopped again."""
        self._lock.take(self.api_port)
        try:
            self.say(f"building for {build.RUNTIME} on {build.architecture()}")
            template = build.build()
            declared = build.declared_parameters(template)
            parameters.check(self.given, declared)
            self.defaults = {name: str(rule["Default"]) for name, rule in declared.items() if "Default" in rule}
            self.say("starting the emulator")
            emulator = self.start_emulator()
            self.say("deploying template.yaml")
            if self.engines:
                self.engines.publish(self.client("ssm"), self.client("secretsmanager"))
            chosen = {"Runtime": build.RUNTIME, "Architecture": build.architecture(), **self._chosen}
            if not deploy.deploy(template, chosen, aws_url=self.aws_url, region=self.region, data=self.data):
                self.say("nothing has changed since the last deployment")
            self.outputs = deploy.outputs(self.aws_url, self.region)
            return emulator
        except BaseException:
            self.stop()
            raise

    def start_emulator(self) -> EmulatorProcess:
        """Start the emulator on the data folder; what was deployed before is there again."""
        for port in (self.api_port, self.aws_port):
            ports.require_free(port)
        self.emulator = emulator_process.start(self.settings)
        self._lock.name_emulator(self.api_port, self.emulator.pid)
        self.emulator.wait_ready()
        return self.emulator

    def stop(self) -> None:
        """End every process; the data stays. Doing it twice is harmless."""
        if self.emulator:
            self.emulator.stop()
        self._lock.release()

    def client(self, service: str) -> Any:
        """A boto3 client of the emulator, for example `client("dynamodb")`."""
        return deploy.session(self.region).client(service, endpoint_url=self.aws_url)  # type: ignore[call-overload]

    def token(self, role: str = "user", sub: str = "alice", tenant: str = "acme") -> str:
        """A JWT that this stack takes from now on."""
        return token_for(self.record(), role=role, sub=sub, tenant=tenant, now=datetime.now(UTC))

    def record(self) -> record.Record:
        """What other commands need to know to talk to this stack."""
        return record.Record(
            pid=os.getpid(),
            started=psutil.Process().create_time(),
            port=self.api_port,
            api_url=self.api_url,
            aws_url=self.aws_url,
            region=self.region,
            data=str(self.data),
            parameters=self.parameters,
            outputs=self.outputs,
        )


def token_for(running: record.Record, *, role: str, sub: str, tenant: str, now: datetime) -> str:
    """A JWT that the stack of this record takes."""
    return tokens.mint(
        tokens.secret(running.outputs["JwtSecretArn"], aws_url=running.aws_url, region=running.region),
        role=role,
        sub=sub,
        tenant=tenant,
        issuer=running.parameters["JwtIssuer"],
        audience=running.parameters["JwtAudience"],
        now=now,
    )


def physical_name(cloudformation: Any, logical_id: str) -> str:
    resources = cloudformation.describe_stack_resources(StackName=deploy.STACK_NAME)["StackResources"]
    names = {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in resources}
    if logical_id not in names:
        functions = sorted(
            one["LogicalResourceId"] for one in resources if one["ResourceType"] == "AWS::Lambda::Function"
        )
        raise StackError(
            f"the template has no {logical_id or 'resource without a name'}; functions: {', '.join(functions)}"
        )
    return str(names[logical_id])
