"""Make the three venvs that everything here runs in: `python -m local.setup`. Standard library only.

A venv's stamp holds what it was made from; one that is missing, half-made or outdated is made anew.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCAL = ROOT / ".local"
NEEDED_BYTES = 1_500_000_000
FULL_BYTES = 20_000_000
STAMP = ".made-from"
UNREACHABLE = ("Connection", "Failed to establish", "NameResolution", "Read timed out", "ProxyError", "SSLError")


class SetupError(Exception):
    """Setup cannot go on; the message is one line that names the fix."""


@dataclass(frozen=True)
class Venv:
    """A venv and the lock files that it is filled from."""

    name: str
    folder: Path
    locks: tuple[Path, ...]

    @property
    def python(self) -> Path:
        return self.folder / "bin/python"

    def stamp(self) -> str:
        """What the stamp must say: the interpreter, the content of the locks, and the packages that are there."""
        locked = hashlib.sha256(b"".join(lock.read_bytes() for lock in self.locks)).hexdigest()
        packages = sorted(path.name for path in self.folder.glob("lib/python*/site-packages/*.dist-info"))
        there = hashlib.sha256("\n".join(packages).encode()).hexdigest()
        return f"{sys.version.split()[0]} {sys.base_prefix} {locked} {there}\n"

    def is_ready(self) -> bool:
        made = self.folder / STAMP
        return self.python.exists() and made.is_file() and made.read_text() == self.stamp()


VENVS = (
    Venv("development", ROOT / ".venv", (ROOT / "requirements/dev.txt", ROOT / "layers/inference/requirements.txt")),
    Venv("emulator", LOCAL / "venvs/emulator", (ROOT / "requirements/emulator.txt",)),
    Venv("Lambda runtime", LOCAL / "venvs/runtime", (ROOT / "requirements/runtime.txt",)),
)
# Made only when they are asked for: a real server for `make test-engines`, built from source; ROUGE for `make quality`.
LAYERS = (ROOT / "layers/core/requirements.txt", ROOT / "layers/inference/requirements.txt")
ENGINES = Venv("engines", LOCAL / "venvs/engines", (ROOT / "requirements/engines.txt",))
BENCHMARKS = Venv("benchmarks", LOCAL / "venvs/benchmarks", (ROOT / "requirements/benchmarks.txt", *LAYERS))
OPTIONAL = (ENGINES, BENCHMARKS)


def make(venv: Venv) -> None:
    """Make a venv from nothing. Raises SetupError; what is left of a failed one has no stamp."""
    started = time.monotonic()
    log = LOCAL / "logs" / f"setup-{venv.folder.name.lstrip('.')}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    count = sum(lock.read_text().count("==") for lock in venv.locks)
    say(f"{venv.name}: installing {count} packages")
    if venv.folder.exists():
        shutil.rmtree(venv.folder)
    requirements = [option for lock in venv.locks for option in ("--requirement", str(lock))]
    pip = [str(venv.python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-deps"]
    with log.open("w") as output:
        for command in (
            [sys.executable, "-m", "venv", str(venv.folder)],
            [*pip, "--require-hashes", *requirements],
        ):
            if subprocess.run(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL, check=False).returncode:
                reason = explain(log.read_text(errors="replace"), shutil.disk_usage(venv.folder.parent).free)
                raise SetupError(f"{venv.name}: {reason} (the whole story: {log})")
    (venv.folder / STAMP).write_text(venv.stamp())
    say(f"{venv.name}: ready after {time.monotonic() - started:.0f} s")


def explain(output: str, free_bytes: int) -> str:
    """What a person does about a failed installation, from what venv and pip said and what room there is."""
    # The log of a disk that is full may well end before it says so.
    if "No space left" in output or "Disk quota exceeded" in output or free_bytes < FULL_BYTES:
        return "the disk is full: make room and try again"
    if "DO NOT MATCH THE HASHES" in output:
        return "a package is not the one that the lock names: try again; if it stays, look at pip's index-url"
    if "No matching distribution" in output or any(sign in output for sign in UNREACHABLE):
        return "the package registry was not reached: check the network, the proxy or pip's index-url, and try again"
    lines = [line for line in output.splitlines() if line.strip()]
    return lines[-1] if lines else "it ended without a word"


def require_space(free_bytes: int) -> None:
    if free_bytes < NEEDED_BYTES:
        raise SetupError(
            f"the disk is full: {free_bytes / 1e9:.1f} GB free at {ROOT}, {NEEDED_BYTES / 1e9:.1f} GB needed; make room"
        )


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Hold the setup lock: two makes at once do not build into each other's venvs."""
    LOCAL.mkdir(parents=True, exist_ok=True)
    with (LOCAL / "setup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another setup is at work; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


_saying = threading.Lock()


def say(line: str) -> None:
    with _saying:
        print(f"setup: {line}", file=sys.stderr, flush=True)


def main() -> None:
    wanted = (*VENVS, *(venv for venv in OPTIONAL if venv.name in sys.argv[1:]))
    if all(venv.is_ready() for venv in wanted):
        return
    with alone():
        missing = [venv for venv in wanted if not venv.is_ready()]
        if not missing:
            return
        require_space(shutil.disk_usage(ROOT).free)
        say(f"Python {sys.version.split()[0]} ({sys.executable})")
        with ThreadPoolExecutor(len(missing)) as pool:
            list(pool.map(make, missing))


if __name__ == "__main__":
    try:
        main()
    except SetupError as error:
        sys.exit(f"setup: {error}")
    except OSError as error:
        sys.exit(f"setup: {error.strerror}: {error.filename or ROOT}; put that right and try again")
    except KeyboardInterrupt:
        sys.exit("setup: stopped; the next try starts over what was not finished")
