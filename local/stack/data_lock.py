"""One stack a data folder: two on one would overwrite each other's state."""

from __future__ import annotations

import fcntl
import json
from pathlib import Path
from typing import TextIO

import psutil

from local.stack.errors import StackError


class DataLock:
    """Held from `take` to `release`, or until this process ends."""

    def __init__(self, data: Path, *, emulator_ends_seconds: float = 20.0) -> None:
        self._path = data / "stack.lock"
        self._file: TextIO | None = None
        self._patience = emulator_ends_seconds

    def take(self, port: int) -> None:
        """Raises StackError when another stack holds the folder, or the folder cannot be written."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = self._path.open("a+")
        except OSError as error:
            raise StackError(
                f"cannot write the data folder {self._path.parent} ({error.strerror}): give DATA=..."
            ) from error
        file.seek(0)
        said = file.read()
        before = json.loads(said) if said.endswith("}") else {}
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            raise StackError(
                f"the data folder {self._path.parent} belongs to the stack on port {before.get('port', '?')}: "
                f"stop that one, or give this one a folder of its own with DATA=.local/other"
            ) from None
        self._file = file
        try:
            self._await_end(before.get("emulator"))
        except StackError:
            self.release()
            raise
        self._say(port=port)

    def name_emulator(self, port: int, pid: int) -> None:
        """Leave word of the emulator, which may outlive a killed `make run` for the second it needs to save."""
        self._say(port=port, emulator=pid)

    def release(self) -> None:
        if self._file:
            self._file.close()
            self._file = None

    def _say(self, **facts: int) -> None:
        assert self._file
        self._file.truncate(0)
        self._file.write(json.dumps(facts))
        self._file.flush()

    def _await_end(self, pid: int | None) -> None:
        try:
            emulator = psutil.Process(pid) if pid else None
            if emulator and "local.emulator" in emulator.cmdline():
                emulator.wait(self._patience)
        except psutil.NoSuchProcess:
            return
        except psutil.TimeoutExpired:
            raise StackError(
                f"the emulator of an earlier stack (pid {pid}) still runs: end it with kill {pid}"
            ) from None
