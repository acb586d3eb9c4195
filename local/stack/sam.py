"""Run `sam`, keep its output in a log, and say in a few lines why it failed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from local.stack.errors import StackError
from local.stack.paths import LOGS, ROOT

SAM = Path(sys.executable).with_name("sam")
_TELLING = re.compile(r"error|failed|invalid|cannot|not found|layers/build\.py:", re.IGNORECASE)


def run(step: str, arguments: list[str], environment: Mapping[str, str]) -> None:
    """Run `sam` with the arguments, its output in `.local/logs/<step>.log`. Raises StackError if it fails."""
    log = LOGS / f"sam-{step}.log"
    # Whoever types `make run` may be logged in to a real account: none of that may reach sam.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as output:
        process = subprocess.Popen(
            [str(SAM), *arguments],
            cwd=ROOT,
            env={**inherited, "SAM_CLI_TELEMETRY": "0", **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code = process.wait()
        except BaseException:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()
            raise
    if code:
        raise StackError(
            f"sam {step} failed:\n{why(log.read_text(errors='replace'))}\nall of it: {log.relative_to(ROOT)}"
        )


def why(output: str, most: int = 6) -> str:
    """The lines of a failed command's output that tell why, the last ones where there are many."""
    lines = list(dict.fromkeys(line.strip() for line in output.splitlines() if line.strip()))
    telling = [line for line in lines if _TELLING.search(line)] or lines
    return "\n".join(f"  {line[:300]}" for line in telling[-most:]) or "  it said nothing"
