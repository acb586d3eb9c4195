"""`sam build` for this machine's Python and processor, done again only when what it reads has changed."""

from __future__ import annotations

import fcntl
import hashlib
import platform
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from local.stack import sam
from local.stack.errors import StackError
from local.stack.paths import LOCAL, ROOT

RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"
ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
STAMP = "built-from"


def architecture() -> str:
    """This machine's processor as Lambda names it."""
    machine = platform.machine().lower()
    if machine not in ARCHITECTURES:
        raise StackError(f"the processor {machine} is none that Lambda has (x86_64, arm64): the stack cannot run here")
    return ARCHITECTURES[machine]


def digest(paths: Iterable[Path]) -> str:
    """A hash over names and contents of files and folders; caches left out."""
    found = hashlib.sha256()
    for path in paths:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.is_file() and "__pycache__" not in file.parts:
                content = hashlib.sha256(file.read_bytes()).hexdigest()
                found.update(f"{file.relative_to(ROOT)} {content}\n".encode())
    return found.hexdigest()


def build() -> Path:
    """The built template, fresh. Raises StackError with sam's reason."""
    folder = LOCAL / "build" / f"{RUNTIME}-{architecture()}"
    stamp = folder.with_name(f"{folder.name}.{STAMP}")
    template = folder / "template.yaml"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (LOCAL / "build" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        source = digest([ROOT / "template.yaml", ROOT / "layers"])
        if template.is_file() and stamp.is_file() and stamp.read_text() == source:
            return template
        stamp.unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        overrides = [f"Runtime={RUNTIME}", f"Architecture={architecture()}"]
        sam.run(
            "build",
            ["build", "--no-cached", "--build-dir", str(folder), "--parameter-overrides", *overrides],
            {
                "LAMBDA_RUNTIME": RUNTIME,
                "LAMBDA_ARCHITECTURE": architecture(),
                "LAMBDA_PLATFORM": "native",
                "LAYER_CACHE": str(LOCAL / "cache/layers"),
                "PYTHON": sys.executable,
            },
        )
        stamp.write_text(source)
    return template


def declared_parameters(template: Path) -> dict[str, dict[str, Any]]:
    """Parameters of a built template (sam writes its tags out, so any YAML reader takes it)."""
    parameters: dict[str, dict[str, Any]] = yaml.safe_load(template.read_text()).get("Parameters", {})
    return parameters
