"""What importing each API handler costs, beside boto3 + Powertools' validating resolver alone, in one run.

`python -m benchmarks.cold_start [--rounds N]` prints, for each handler of an API route, the median import time and its
ratio to the baseline. Every measurement is a new process; baseline and handlers take turns, so that a change of the
machine's speed hits both. At or under 1.00, a handler costs no more than the libraries that anybody would use.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
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
TIMED = "import time; start = time.perf_counter()\n{code}\nprint(time.perf_counter() - start)"


def milliseconds(code: str) -> float:
    """Import time of `code` in a new interpreter, in milliseconds."""
    path = os.pathsep.join(str(ROOT / folder) for folder in ("layers/core", "functions"))
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": ""}
    run = subprocess.run(
        [sys.executable, "-c", TIMED.format(code=code)], env=environment, capture_output=True, text=True, check=True
    )
    return float(run.stdout.splitlines()[-1]) * 1000


def handlers() -> list[str]:
    """Modules of the functions that answer API routes."""
    files = sorted(ROOT.glob("functions/*/*.py"))
    return [f"{f.parent.name}.{f.stem}" for f in files if "APIGatewayRestResolver(" in f.read_text()]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    codes = {"boto3 + validating resolver": BASELINE, **{name: f"import {name}" for name in handlers()}}
    times: dict[str, list[float]] = {name: [] for name in codes}
    for code in codes.values():
        milliseconds(code)  # fills the bytecode cache
    for _ in range(rounds):
        for name, code in codes.items():
            times[name].append(milliseconds(code))
    base = statistics.median(times["boto3 + validating resolver"])
    print(f"{'import of':44} {'ms':>7} {'ratio':>6}   (median of {rounds}, {os.cpu_count()} cores)")
    for name, values in times.items():
        print(f"{name:44} {statistics.median(values):7.1f} {statistics.median(values) / base:6.2f}")


if __name__ == "__main__":
    main()
