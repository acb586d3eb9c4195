"""`.local/run/<port>.json`: which stack serves a port, for the commands that talk to it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from local.stack.errors import StackError
from local.stack.paths import RUNNING


@dataclass(frozen=True, kw_only=True)
class Record:
    """A running stack.

    pid: the process of `make run`; started: its creation time (seconds), so that a reused pid is not taken for it.
    parameters: the template's parameters it was deployed with. outputs: the stack's outputs.
    """

    pid: int
    started: float
    port: int
    api_url: str
    aws_url: str
    region: str
    data: str
    parameters: dict[str, str]
    outputs: dict[str, str]


def write(record: Record, running: Path = RUNNING) -> Path:
    running.mkdir(parents=True, exist_ok=True)
    path = running / f"{record.port}.json"
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(asdict(record), indent=1) + "\n")
    fresh.rename(path)
    return path


def find(port: int, running: Path = RUNNING) -> Record | None:
    """The stack that serves this port, or None; a record whose process is gone counts for nothing."""
    path = running / f"{port}.json"
    if not path.is_file():
        return None
    record = Record(**json.loads(path.read_text()))
    try:
        same = abs(psutil.Process(record.pid).create_time() - record.started) < 1
    except psutil.NoSuchProcess:
        return None
    return record if same else None


def require(port: int, running: Path = RUNNING) -> Record:
    """The stack that serves this port. Raises StackError that says how to start one."""
    record = find(port, running)
    if record is None:
        others = sorted(int(path.stem) for path in running.glob("*.json") if find(int(path.stem), running))
        hint = (
            f"; one does on port {others[0]}: add PORT={others[0]}"
            if others
            else f": start one with make run PORT={port}"
        )
        raise StackError(f"no stack of ours serves port {port}{hint}")
    return record
