"""A function that takes more memory than its MemorySize is killed, as on AWS.

Not by RLIMIT_AS: numpy and onnxruntime reserve far more address space than they use. What counts is memory that is the
process's own; pages of files that it maps do not, the kernel can drop those.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from local.repairs.lambda_runtime.environment import Environment

POLL_SECONDS = 0.05 if sys.platform == "linux" else 0.5
_MIB = 1024 * 1024


class MemoryWatch:
    """Kills environments that outgrow their limit while they serve an invocation."""

    def __init__(self) -> None:
        self._limits: dict[Environment, int] = {}
        self._changed = threading.Condition()
        threading.Thread(target=self._watch, daemon=True, name="lambda-memory").start()

    def add(self, environment: Environment, limit_mib: int) -> None:
        with self._changed:
            self._limits[environment] = limit_mib * _MIB
            self._changed.notify()

    def remove(self, environment: Environment) -> None:
        with self._changed:
            self._limits.pop(environment, None)

    def _watch(self) -> None:
        while True:
            with self._changed:
                while not self._limits:
                    self._changed.wait()
                limits = dict(self._limits)
            used = used_bytes([environment.pid for environment in limits])
            for environment, limit in limits.items():
                if used.get(environment.pid, 0) > limit:
                    environment.kill()
            time.sleep(POLL_SECONDS)


def used_bytes(pids: list[int]) -> Mapping[int, int]:
    """Memory of each process, in bytes; a process that ended is left out."""
    return _from_proc(pids) if sys.platform == "linux" else _from_ps(pids)


def _from_proc(pids: list[int]) -> dict[int, int]:
    found = {}
    for pid in pids:
        try:
            status = Path(f"/proc/{pid}/status").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        fields = dict(line.split(":", 1) for line in status.splitlines())
        own = [fields[name] for name in ("RssAnon", "RssShmem") if name in fields]
        found[pid] = sum(int(value.split()[0]) * 1024 for value in own)
    return found


def _from_ps(pids: list[int]) -> dict[int, int]:
    listing = subprocess.run(
        ["ps", "-o", "pid=,rss=", "-p", ",".join(map(str, pids))], capture_output=True, text=True, check=False
    )
    rows = (line.split() for line in listing.stdout.splitlines())
    return {int(pid): int(kilobytes) * 1024 for pid, kilobytes in rows}
