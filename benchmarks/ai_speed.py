"""What the embedded engine costs: milliseconds, a cold load, memory; on one thread, each in a process of its own.

    python -m benchmarks.ai_speed [--rounds N] [--bench FOLDER]

* 128 tokens: a text of exactly so many tokens through the encoder, median of the rounds; beside it the same session
  of onnxruntime without the engine around it.
* Cold load: import, tokenizer and model, to the first vector, in a new process; the bare figure is numpy and
  onnxruntime imported alone.
* Meetings: the two-hour one is 20,000 words in 1,600 turns, drawn from a fixed seed; with FOLDER (default
  `../shared/bench`) also the longest real one of QMSum's val part.

CPU time is given beside wall time: on a busy machine the first says more.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "layers/core")]
THREADS = {"INFERENCE_THREADS": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
TOKENS, TURNS, TURN_WORDS = 128, 1600, 12.5
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def encoder(rounds: int, _: Path) -> dict[str, Any]:
    """Milliseconds of one text of `TOKENS` tokens."""
    import numpy as np

    from besunny.inference.engines.embedded import embedded_engine

    engine = embedded_engine()
    text = " ".join(["meeting"] * (TOKENS - 2))
    assert engine.count_tokens([text]) == [TOKENS - 2]  # two more frame it
    ids = np.array([[101, *[3116] * (TOKENS - 2), 102]], dtype=np.int64)
    session, mask = engine._session, np.ones_like(ids)
    engine.embed([text])
    return {
        "engine": medians(lambda: engine.embed([text]), rounds),
        "bare": medians(lambda: session.run(None, {"input_ids": ids, "attention_mask": mask}), rounds),
    }


def cold(_: int, __: Path) -> dict[str, Any]:
    """Seconds from nothing to the first vector."""
    wall, cpu = time.perf_counter(), time.process_time()
    from besunny.inference.engines.embedded import embedded_engine

    embedded_engine().embed(["a first sentence"])
    return {"wall_ms": 1000 * (time.perf_counter() - wall), "cpu_ms": 1000 * (time.process_time() - cpu)}


def cold_bare(_: int, __: Path) -> dict[str, Any]:
    """Seconds of importing what any such engine needs."""
    wall, cpu = time.perf_counter(), time.process_time()
    import numpy  # noqa: F401
    import onnxruntime  # noqa: F401
    import tokenizers  # noqa: F401

    return {"wall_ms": 1000 * (time.perf_counter() - wall), "cpu_ms": 1000 * (time.process_time() - cpu)}


def drawn_meeting(_: int, __: Path) -> dict[str, Any]:
    """A two-hour meeting, by no one."""
    draw = random.Random(7)
    syllables = [a + b for a in "bdfgklmnprstv" for b in ("a", "e", "i", "o", "ar", "en", "is", "ot")]
    words = ["".join(draw.choices(syllables, k=draw.choice((1, 2, 2, 3)))) for _ in range(3000)]
    common = "the of to we and that is it for in on with this should will have not a so but".split()  # noqa: SIM905
    turns = []
    for number in range(TURNS):
        size = max(3, round(draw.expovariate(1 / TURN_WORDS)))
        said = [
            draw.choice(common) if draw.random() < 0.5 else words[int(3000 * draw.random() ** 3)] for _ in range(size)
        ]
        text = " ".join(said).capitalize() + draw.choice("....?")
        turns.append({"speaker": f"Speaker {number % 6}", "text": text, "start_time": number * 4.5})
    return analysed({"segments": turns})


def real_meeting(_: int, bench: Path) -> dict[str, Any]:
    """The longest meeting of QMSum's val part."""
    lines = (bench / "qmsum/val.jsonl").read_text(encoding="utf-8").splitlines()
    held = [json.loads(line)["meeting_transcripts"] for line in lines]
    longest = max(held, key=lambda turns: sum(len(turn["content"].split()) for turn in turns))
    return analysed({"segments": [{"speaker": turn["speaker"], "text": turn["content"]} for turn in longest]})


def analysed(meeting: dict[str, Any]) -> dict[str, Any]:
    """Seconds of one analysis, and of one with three questions, the engine loaded before."""
    from besunny.inference.contracts.meeting_intelligence import MeetingRequest
    from besunny.inference.engines.embedded import embedded_engine
    from besunny.inference.meeting_intelligence.service import analyze_meeting

    engine = embedded_engine()
    engine.embed(["a first sentence"])
    request = MeetingRequest.model_validate(meeting)
    asked = MeetingRequest.model_validate(
        {**meeting, "questions": ["What was decided on the budget?", "Who tests it?", "Why is it late?"]}
    )
    found = {}
    for name, one in (("plain", request), ("asked", asked)):
        wall, cpu = time.perf_counter(), time.process_time()
        analyze_meeting(one, engine, now=NOW)
        found[name] = [time.perf_counter() - wall, time.process_time() - cpu]
    words = sum(len(segment.text.split()) for segment in request.segments)
    return {**found, "words": words, "turns": len(request.segments)}


def medians(call: Callable[[], Any], rounds: int) -> list[float]:
    """Median milliseconds of a call, wall and CPU."""
    walls, cpus = [], []
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        call()
        walls.append(1000 * (time.perf_counter() - wall))
        cpus.append(1000 * (time.process_time() - cpu))
    return [statistics.median(walls), statistics.median(cpus)]


MEASURES = {measure.__name__: measure for measure in (encoder, cold, cold_bare, drawn_meeting, real_meeting)}


def in_process(name: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """A measure in a new process, with the most memory it had."""
    command = [
        sys.executable,
        __file__,
        "--measure",
        name,
        "--rounds",
        str(arguments.rounds),
        "--bench",
        str(arguments.bench),
    ]
    run = subprocess.run(command, env={**os.environ, **THREADS}, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Measure and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--bench", type=Path, default=ROOT / "../shared/bench")
    parser.add_argument("--measure", choices=MEASURES, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        found = MEASURES[arguments.measure](arguments.rounds, arguments.bench)
        found["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps(found))
        return
    one = in_process("encoder", arguments)
    print("| what, 1 thread | wall | CPU | peak memory | bare |\n|---|---|---|---|---|")
    row(f"{TOKENS} tokens, ms", *one["engine"], one["peak_mb"], f"{one['bare'][0]:.1f} ms, onnxruntime alone")
    loads = [in_process("cold", arguments) for _ in range(5)]
    bare = [in_process("cold_bare", arguments) for _ in range(5)]
    row(
        "cold load to the first vector, ms",
        statistics.median(load["wall_ms"] for load in loads),
        statistics.median(load["cpu_ms"] for load in loads),
        loads[0]["peak_mb"],
        f"{statistics.median(load['wall_ms'] for load in bare):.0f} ms, {bare[0]['peak_mb']:.0f} MB, imports alone",
    )
    named = [("drawn two-hour meeting", "drawn_meeting")]
    if (arguments.bench / "qmsum/val.jsonl").exists():
        named.append(("longest of QMSum val", "real_meeting"))
    else:
        print(f"| longest of QMSum val | skipped: no {arguments.bench / 'qmsum/val.jsonl'} (--bench FOLDER) | | | |")
    for title, name in named:
        found = in_process(name, arguments)
        size = f"{found['words']:,} words, {found['turns']:,} turns"
        row(f"{title}, {size}, s", *found["plain"], found["peak_mb"], "")
        row("the same with 3 questions, s", *found["asked"], found["peak_mb"], "")


def row(what: str, wall: float, cpu: float, peak: float, bare: str) -> None:
    """Print a row of the table."""
    print(f"| {what} | {wall:.1f} | {cpu:.1f} | {peak:.0f} MB | {bare} |", flush=True)


if __name__ == "__main__":
    main()
