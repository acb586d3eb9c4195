"""How good the embedded engine's answers are, each figure beside a bare baseline of the same run.

    python -m benchmarks.ai_quality [--bench FOLDER] [--only TASK ...]

Each module of `benchmarks/quality` measures one task through the function that a request runs. Public data sets judge;
FOLDER holds them (default `../shared/bench`), and a task whose data or package is missing is skipped with a line that
says so. What ships was trained on training parts alone, and is measured here on parts that training did not see.
"""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "layers/core")]
os.environ.setdefault("INFERENCE_THREADS", "1")

from benchmarks import quality  # noqa: E402 (the paths above)
from benchmarks.quality.frame import Row, Skipped  # noqa: E402


def main() -> None:
    """Measure and print a Markdown table."""
    tasks = [module.name for module in pkgutil.iter_modules(quality.__path__) if module.name != "frame"]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", type=Path, default=ROOT / "../shared/bench")
    parser.add_argument("--only", nargs="+", choices=tasks, default=tasks)
    arguments = parser.parse_args()
    if not arguments.bench.is_dir():
        print(f"ai_quality: skipped, there is no folder {arguments.bench} (--bench FOLDER names another)")
        return
    print("| task | measured on | figure | product | bare baseline |\n|---|---|---|---|---|")
    for task in arguments.only:
        try:
            rows: list[Row] = importlib.import_module(f"benchmarks.quality.{task}").rows(arguments.bench)
        except Skipped as reason:
            print(f"| {task} | skipped: {reason} | | | |")
            continue
        for row in rows:
            print(f"| {row.task} | {row.data} | {row.figure} | {row.measured} | {row.baseline} |", flush=True)


if __name__ == "__main__":
    main()
