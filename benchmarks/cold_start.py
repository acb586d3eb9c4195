"""What starting each API handler costs, beside boto3 + Powertools' validating resolver alone, in one run.

`python -m benchmarks.cold_start [--rounds N] [--all]` (after `make setup`) prints two pairs of columns for some
handlers of API routes (a small, a middling, the largest of each room), or for all, which takes minutes: the CPU time
of importing it, and of importing it and making a first DynamoDB client, each with its ratio to the same of the
baseline. Handlers import boto3 only with their first client, so the first pair is what a function pays that needs
none, and the second what it pays before its first read. At or under 1.00, a handler costs no more than the libraries
that anybody would use.

It runs as Lambda does: the core layer is built (its packages are kept in `.local/cache`), the interpreter is that of
the runtime venv, which holds boto3 and awslambdaric as AWS's image does, and nothing writes bytecode beside functions.
Each measurement is a new process, and each of a handler comes right after one of the baseline: a ratio is the median
over these pairs, so that a change of the machine's speed hits both.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from local.emulator_process import RUNTIME_PYTHON

ROOT = Path(__file__).parents[1]
Figures = tuple[float, float]
"""CPU ms: of the imports, and of the imports with a first client."""

BASELINE = """
import boto3
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from pydantic import BaseModel
class Body(BaseModel):
    text: str
app = APIGatewayRestResolver(enable_validation=True)
@app.post("/")
def route(body: Body) -> Body:
    return body
"""
# pydantic builds a handler's models and Powertools its routes at import; both sides pay for it.
TIMED = """
import time
start = time.process_time()
{imports}
imported = time.process_time()
{client}
print((imported - start) * 1000, (time.process_time() - start) * 1000)
"""
BARE = TIMED.format(imports=BASELINE, client='boto3.client("dynamodb")')
OURS = "from besunny.aws import clients; clients.dynamodb()"
# As in Lambda, region and credentials are in the environment: nothing is looked for elsewhere.
AWS = {"AWS_DEFAULT_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"}


def handlers() -> list[str]:
    """Modules of the functions that answer API routes."""
    files = sorted(ROOT.glob("functions/*/*.py"))
    return [f"{f.parent.name}.{f.stem}" for f in files if "APIGatewayRestResolver(" in f.read_text()]


SOME = (
    "performance.liveness",
    "performance.metrics_history",
    "performance.optimize",
    "orchestration.list_workflow_types",
    "orchestration.get_workflow_status",
    "orchestration.create_workflow",
    "inference.get_project",
    "inference.search_documents",
    "inference.project_onboarding",
)
"""A small, a middling and the largest handler of each room, by the last run over all."""


def handler_program(name: str) -> str:
    """The program that measures a handler's module."""
    return TIMED.format(imports=f"import {name}", client=OURS)


def lay_out(folder: Path) -> str:
    """Put the core layer and the functions into a folder, as Lambda unpacks them; returns the PYTHONPATH."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    target = {"LAMBDA_RUNTIME": version, "LAMBDA_PLATFORM": "native", "LAYER_CACHE": str(ROOT / ".local/cache/layers")}
    command = [sys.executable, str(ROOT / "layers/build.py"), "core", str(folder / "opt")]
    subprocess.run(command, env={**os.environ, **target}, stdout=subprocess.DEVNULL, check=True)
    shutil.copytree(ROOT / "functions", folder / "task", ignore=shutil.ignore_patterns("__pycache__"))
    return os.pathsep.join((str(folder / "task"), str(folder / "opt/python")))


def milliseconds(program: str, path: str) -> Figures:
    """CPU time of the imports, and of the imports with a first client, in a new process."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", **AWS}
    command = [str(RUNTIME_PYTHON), "-c", program]
    run = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    imported, with_client = run.stdout.split()[-2:]
    return float(imported), float(with_client)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--all", action="store_true", help="every handler of an API route")
    options = parser.parse_args()
    rounds, measured = options.rounds, handlers() if options.all else SOME
    if not RUNTIME_PYTHON.exists():
        sys.exit(f"cold_start: {RUNTIME_PYTHON.relative_to(ROOT)} is missing: `make setup` makes the runtime venv")
    with tempfile.TemporaryDirectory(dir=ROOT / ".local") as scratch:
        path = lay_out(Path(scratch))
        for name in measured:  # fills the disk cache
            milliseconds(handler_program(name), path)
        pairs: dict[str, list[tuple[Figures, Figures]]] = {name: [] for name in measured}
        for _ in range(rounds):
            for name, taken in pairs.items():
                taken.append((milliseconds(BARE, path), milliseconds(handler_program(name), path)))
    print(f"CPU ms, median of {rounds}, Python {sys.version.split()[0]}, {os.cpu_count()} cores")
    print(f"{'':44} {'import':>7} {'ratio':>6}   {'+ first DynamoDB client':>23} {'ratio':>6}")
    every = [bare for taken in pairs.values() for bare, _ in taken]
    row("boto3 + validating resolver", every, [(1.0, 1.0)])
    for name, taken in pairs.items():
        row(name, [own for _, own in taken], [(own[0] / bare[0], own[1] / bare[1]) for bare, own in taken])


def row(name: str, times: list[Figures], ratios: list[Figures]) -> None:
    """Print one line of medians."""
    imported, with_client = map(statistics.median, zip(*times, strict=True))
    import_ratio, client_ratio = map(statistics.median, zip(*ratios, strict=True))
    print(f"{name:44} {imported:7.1f} {import_ratio:6.2f}   {with_client:23.1f} {client_ratio:6.2f}")


if __name__ == "__main__":
    main()
