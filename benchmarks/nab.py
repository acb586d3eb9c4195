"""How well learned thresholds find anomalies, on the Numenta Anomaly Benchmark.

    python -m benchmarks.nab --bench PATH      PATH holds `nab/` (data, labels) and the scorer `nab_score.py`

Prints the scores at the best threshold of each profile, as the benchmark defines them; the standard score where the
threshold for each category of series is chosen on all other categories; at the product's own threshold false alarms a
week on series without anomalies and the delay on those of known cause; size of the state and time a point.
"""

from __future__ import annotations

import argparse
import importlib.util
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from besunny.performance.learned.detector import ALARM, Episode, SeriesState, update


@dataclass(frozen=True)
class Series:
    """A series with its labelled windows, and the detector's score of each point."""

    stamps: list[datetime]
    windows: list[tuple[datetime, datetime]]
    scores: list[float]
    state_bytes: int


def main() -> None:
    """Run every series and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", type=Path, required=True)
    bench: Path = parser.parse_args().bench
    if not (bench / "nab").is_dir() or not (bench / "nab_score.py").is_file():
        print(f"skipped: {bench} holds no nab/ and nab_score.py")
        return
    scorer = _scorer(bench / "nab_score.py")
    began, points, found = time.perf_counter(), 0, {}
    for name, (stamps, values, windows) in scorer.load(bench / "nab").items():
        found[name] = _run(stamps, values, windows)
        points += len(values)
    spent = time.perf_counter() - began
    events = {name: scorer.events(one.stamps, one.windows, one.scores) for name, one in found.items()}
    for profile, (score, threshold) in scorer.sweep(events).items():
        print(f"{profile:16s} {score:5.1f}  at threshold {threshold:.2f}")
    print(f"{'standard':16s} {_held_out(scorer, events):5.1f}  each category at the threshold of all others")
    print(f"{'standard':16s} {_share(scorer, events, ALARM):5.1f}  at the product's threshold {ALARM}")
    _print_false_alarms(found)
    _print_delays(found)
    largest = max(one.state_bytes for one in found.values())
    print(
        f"state {largest} bytes at most, {1e6 * spent / points:.0f} us a point, {points} points of {len(found)} series"
    )


def _scorer(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("nab_score", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no Python module")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _run(stamps: list[datetime], values: list[float], windows: list[tuple[datetime, datetime]]) -> Series:
    state, episode = SeriesState(), Episode()
    scores = [
        episode.novel(update(state, stamp.timestamp(), value).score)
        for stamp, value in zip(stamps, values, strict=True)
    ]
    return Series(stamps, windows, scores, len(state.to_text()))


def _share(scorer: ModuleType, events: dict[str, Any], threshold: float) -> float:
    """The standard score at one threshold: of 0 (nothing found) to 100."""
    gained, windows = _gain(scorer, events, threshold)
    return 100 * gained / (2 * windows)


def _held_out(scorer: ModuleType, events: dict[str, Any]) -> float:
    gained, windows = 0.0, 0
    for category in sorted({name.split("/")[0] for name in events}):
        others = {name: event for name, event in events.items() if not name.startswith(f"{category}/")}
        own = {name: event for name, event in events.items() if name.startswith(f"{category}/")}
        gain, number = _gain(scorer, own, scorer.sweep(others)["standard"][1])
        gained, windows = gained + gain, windows + number
    return 100 * gained / (2 * windows)


def _gain(scorer: ModuleType, events: dict[str, Any], threshold: float) -> tuple[float, int]:
    """What a threshold earns above finding nothing, and how many windows there are."""
    hit_weight, false_weight, miss_weight = scorer.PROFILES["standard"]
    gained, windows = 0.0, 0
    for points, number in events.values():
        windows += number
        best: dict[int, float] = {}
        for score, kind, window, weight in points:
            if score < threshold:
                continue
            if kind == "fp":
                gained += weight * false_weight
            else:
                best[window] = max(weight * hit_weight, best.get(window, -1.0))
        gained += sum(best.values()) + miss_weight * len(best)
    return gained, windows


def _print_false_alarms(found: dict[str, Series]) -> None:
    for name, one in found.items():
        if not one.windows:
            judged = _probation(one)
            weeks = (one.stamps[-1] - one.stamps[judged]).total_seconds() / 604800
            alarms = sum(score >= ALARM for score in one.scores[judged:])
            print(f"no anomaly    {name}: {alarms} alarms in {weeks:.1f} weeks")


def _print_delays(found: dict[str, Series]) -> None:
    for name, one in found.items():
        if name.startswith("realKnownCause/"):
            alarms = [t for t, score in zip(one.stamps, one.scores, strict=True) if score >= ALARM]
            alarms = [t for t in alarms if t >= one.stamps[_probation(one)]]
            delays = []
            for start, end in one.windows:
                first = min((t for t in alarms if start <= t <= end), default=None)
                # A window lies around its anomaly: half of it is the lead that the benchmark rewards.
                delays.append(
                    "missed"
                    if first is None
                    else f"{(first - start - (end - start) / 2).total_seconds() / 3600:+.1f} h"
                )
            outside = sum(not any(start <= t <= end for start, end in one.windows) for t in alarms)
            print(f"known cause   {name}: {', '.join(delays)} from the window's middle; {outside} alarms elsewhere")


def _probation(one: Series) -> int:
    return int(min(0.15 * len(one.stamps), 750))


if __name__ == "__main__":
    main()
