"""The laptop stack with what only tests do to it: kill its functions, kill it, bring it back."""

import time
import uuid
from dataclasses import dataclass
from functools import cached_property

import psutil

from local import emulator_process
from local.stack.deploy import STACK_NAME
from local.stack.laptop import LaptopStack


@dataclass(kw_only=True)
class StackUnderTest(LaptopStack):
    """`api_url`, `token(role, sub, tenant)`, `client(service)`, `outputs`, `resources`, and faults to put upon it."""

    autosave_seconds: float = 0.5

    @cached_property
    def resources(self) -> dict[str, str]:
        """Logical id -> physical name of everything that the template makes."""
        found = self.client("cloudformation").describe_stack_resources(StackName=STACK_NAME)["StackResources"]
        return {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in found}

    def kill_functions(self) -> int:
        """Kill every process that a function runs in, as a host failure would; how many there were."""
        python = str(emulator_process.RUNTIME_PYTHON)
        assert self.emulator
        running = psutil.Process(self.emulator.pid).children(recursive=True)
        functions = [process for process in running if python in process.cmdline()]
        for process in functions:
            process.kill()
        psutil.wait_procs(functions, timeout=10)
        return len(functions)

    def restart(self, *, kill: bool = False) -> None:
        """Stop the emulator with all functions, or kill it as a power cut would, and start it on the same data."""
        assert self.emulator
        if kill:
            self.emulator.kill()
        else:
            self.emulator.stop()
        self.start_emulator()

    def settle_to_disk(self, within_seconds: float = 30.0) -> None:
        """Return once what was written until now is on the disk, where it outlives a kill."""
        # The first mark may ride on a save that passed the other services before they changed; the second cannot.
        for _ in range(2):
            mark = uuid.uuid4().hex
            self.client("ssm").put_parameter(Name="/tests/settled", Value=mark, Type="String", Overwrite=True)
            deadline = time.monotonic() + within_seconds
            while mark not in "".join(path.read_text() for path in self.data.glob("state/*ssm*.json")):
                assert time.monotonic() < deadline, f"nothing was saved within {within_seconds} s"
                time.sleep(0.05)
