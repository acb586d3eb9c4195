"""Start, wait for and stop the emulator, for `make run` and for the tests. Standard library only.

The emulator ends when its caller does, however that ends: it watches a pipe that the caller holds open.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from local.emulator.settings import EmulatorSettings

REPOSITORY = Path(__file__).resolve().parent.parent
EMULATOR_PYTHON = REPOSITORY / ".local/venvs/emulator/bin/python"
RUNTIME_PYTHON = REPOSITORY / ".local/venvs/runtime/bin/python"


class EmulatorError(RuntimeError):
    """The emulator did not start, or ended; the message says why and where its log is."""


def free_port() -> int:
    """A TCP port on 127.0.0.1 that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1 now."""
    with socket.socket() as probe:
        # A port whose last connections are still closing is free for a server.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


@dataclass(frozen=True)
class EmulatorProcess:
    """A running emulator: `aws_url` takes AWS API calls, `api_url` serves the deployed REST API."""

    settings: EmulatorSettings
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def aws_url(self) -> str:
        return self.settings.aws_url

    @property
    def api_url(self) -> str:
        return self.settings.api_url

    @property
    def pid(self) -> int:
        return self.process.pid

    def wait_ready(self, timeout_seconds: float = 30.0) -> None:
        """Return once the AWS port answers. Raises EmulatorError if it ends first or takes too long."""
        deadline = time.monotonic() + timeout_seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise EmulatorError(f"the emulator ended with code {self.process.returncode}: {self._last_line()}")
            if self._answers():
                return
            time.sleep(0.05)
        raise EmulatorError(f"the emulator did not answer within {timeout_seconds:.0f} s; its log: {self.log}")

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.aws_url}/_ministack/health", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def stop(self, timeout_seconds: float = 15.0) -> None:
        """End it and all it started, its state saved. Doing it twice is harmless."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout_seconds)
            except subprocess.TimeoutExpired:
                self.kill()
        self._close()

    def kill(self) -> None:
        """End it as a power cut would: nothing is saved."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._close()

    def _close(self) -> None:
        if self.process.stdin:
            self.process.stdin.close()

    def _last_line(self) -> str:
        lines = [line for line in self.log.read_text(errors="replace").splitlines() if line.strip()]
        return f"{lines[-1] if lines else 'it said nothing'} (its log: {self.log})"


def start(settings: EmulatorSettings, *, emulator_python: Path = EMULATOR_PYTHON) -> EmulatorProcess:
    """Start the emulator; it may not answer yet (`wait_ready`). Its log: `logs/emulator.log` in the data folder."""
    log = settings.data / "logs" / "emulator.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    # The functions get their own environment from the template: nothing of the caller's AWS settings may leak in.
    foreign = ("AWS_", "PYTHON", "VIRTUAL_ENV")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    with log.open("ab") as output:
        process = subprocess.Popen(
            [str(emulator_python), "-m", "local.emulator"],
            cwd=REPOSITORY,
            env={**inherited, **settings.to_environment()},
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            # A Ctrl-C at the terminal reaches the caller alone, which then stops the emulator in order.
            start_new_session=True,
        )
    return EmulatorProcess(settings, process, log)
