"""One execution environment: a process that runs one invocation at a time, and stays warm between them.

As on AWS (https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html): init has 10 s, then it goes on
at the cost of the function's Timeout; an invocation that overruns its Timeout ends the process; a process that exits,
or takes more memory than its function has, fails the invocation with `Runtime.ExitError`. A handler that raises fails
its invocation only. What the process writes while it serves an invocation is that invocation's log.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from local.repairs.lambda_runtime.runtime_api import Invocation, RuntimeApi

INIT_SECONDS = 10.0
RESPONSE_BYTES = 6_291_556
LOG_BYTES = 4_194_304
_BOOTSTRAP = Path(__file__).with_name("bootstrap.py")


class EnvironmentGone(RuntimeError):
    """A warm environment ended before it took the invocation: another may run it."""


@dataclass(frozen=True)
class Result:
    """What came of an invocation. payload: the function's answer, or AWS's error object when `failed`."""

    payload: Any
    failed: bool
    log: str


class Environment:
    """A process on awslambdaric. One thread at a time may invoke it; any may `kill` it at any time."""

    def __init__(
        self, *, name: str, command: Sequence[str], variables: Mapping[str, str], code: Path, scratch: Path
    ) -> None:
        """command: the runtime's Python and its options. code: the function's folder. scratch: its own TMPDIR."""
        self.name = name
        self.last_used = time.monotonic()
        self._scratch = scratch
        self._ended = threading.Event()
        self._output = bytearray()
        self._output_lock = threading.Lock()
        scratch.mkdir(parents=True, exist_ok=True)
        self._api = RuntimeApi()
        guard_read, self._guard = os.pipe()
        self._log, log_write = os.pipe()
        os.set_blocking(self._log, False)
        try:
            self._process = subprocess.Popen(
                [*command, str(_BOOTSTRAP), str(guard_read), variables["_HANDLER"]],
                cwd=code,
                env={**variables, "AWS_LAMBDA_RUNTIME_API": self._api.address, "TMPDIR": str(scratch)},
                stdin=subprocess.DEVNULL,
                stdout=log_write,
                stderr=log_write,
                pass_fds=(guard_read,),
                start_new_session=True,
            )
        finally:
            os.close(guard_read)
            os.close(log_write)
        threading.Thread(target=self._gather_log, daemon=True, name=f"lambda-log-{name}").start()
        threading.Thread(target=self._await_end, daemon=True, name=f"lambda-end-{name}").start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def usable(self) -> bool:
        return not self._ended.is_set()

    def invoke(
        self, payload: bytes, *, request_id: str, function_arn: str, trace_id: str | None, timeout_seconds: float
    ) -> Result:
        """Run one invocation. Raises EnvironmentGone when a warm environment ended before it took it."""
        warm = self._api.ready.is_set()
        if not self._api.ready.wait(INIT_SECONDS + timeout_seconds):
            return self._timed_out(request_id, timeout_seconds)
        deadline_ms = int((time.time() + timeout_seconds) * 1000)
        self._api.offer(Invocation(request_id, payload, deadline_ms, function_arn, trace_id))
        outcome = self._api.outcome(timeout_seconds)
        self.last_used = time.monotonic()
        if outcome is None and not self._ended.is_set():
            return self._timed_out(request_id, timeout_seconds)
        if outcome is None:
            if warm and not self._api.taken:
                raise EnvironmentGone(self.name)
            return self._exited(request_id)
        if outcome.kind == "init_error":
            self.kill()
        if outcome.kind != "response":
            return Result(json.loads(outcome.payload), True, self._take_log())
        if len(outcome.payload) > RESPONSE_BYTES:
            reason = f"Response payload size exceeded maximum allowed payload size ({RESPONSE_BYTES} bytes)."
            return self._failure("Function.ResponseSizeTooLarge", reason)
        return Result(json.loads(outcome.payload), False, self._take_log())

    def kill(self) -> None:
        """End the process and whatever it started. Doing it twice is harmless."""
        if not self._ended.is_set():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def join(self, timeout_seconds: float) -> None:
        """Wait until a killed process is gone."""
        self._ended.wait(timeout_seconds)

    def _timed_out(self, request_id: str, timeout_seconds: float) -> Result:
        self.kill()
        self._ended.wait()
        reason = f"Task timed out after {timeout_seconds:.2f} seconds"
        stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
        return self._failure(
            "Sandbox.Timedout", f"RequestId: {request_id} Error: {reason}", f"{stamp}Z {request_id} {reason}"
        )

    def _exited(self, request_id: str) -> Result:
        code = self._process.returncode
        how = f"exit status {code}" if code >= 0 else f"signal: {_signal_name(-code)}"
        reason = f"RequestId: {request_id} Error: Runtime exited with error: {how}"
        return self._failure("Runtime.ExitError", reason, reason)

    def _failure(self, error_type: str, message: str, last_line: str = "") -> Result:
        log = self._take_log() + (last_line and last_line + "\n")
        return Result({"errorType": error_type, "errorMessage": message}, True, log)

    def _await_end(self) -> None:
        self._process.wait()
        # What the function started ends with its environment.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._ended.set()
        self._api.wake()
        self._api.close()
        os.close(self._guard)
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _gather_log(self) -> None:
        readable = select.poll()
        readable.register(self._log, select.POLLIN)
        more = True
        while more:
            readable.poll()
            with self._output_lock:
                more = self._drain()
        with self._output_lock:
            os.close(self._log)
            self._log = -1

    def _drain(self) -> bool:
        """Take what the pipe holds; False once nobody can write to it any more."""
        while True:
            try:
                chunk = os.read(self._log, 65536)
            except BlockingIOError:
                return True
            if not chunk:
                return False
            self._output += chunk
            del self._output[:-LOG_BYTES]

    def _take_log(self) -> str:
        with self._output_lock:
            # All that was written before the runtime posted its answer is in the pipe by now.
            if self._log >= 0:
                self._drain()
            text = self._output.decode(errors="replace")
            self._output.clear()
        return text


def _signal_name(number: int) -> str:
    """As Go's os/exec names it, which is what AWS's messages carry."""
    return {signal.SIGKILL: "killed", signal.SIGSEGV: "segmentation fault", signal.SIGABRT: "aborted"}.get(
        signal.Signals(number), signal.Signals(number).name
    )
