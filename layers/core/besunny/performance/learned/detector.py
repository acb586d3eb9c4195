"""A streaming detector of what is unusual in one series: no training, one set of parameters, one small state.

Each point is seen in several ways (its value, its step, against the time of day, short and long averages, unrest). For
each way the tail of what was seen says how rare this is, and the mean of the evidence is the score, as Fisher combines
independent tests: a spike, a shift of level, a missing day and a flat line are each rare in more than one way.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from besunny.performance.learned.tail import Tail

ALARM = 1.6
"""The score from which a point is unusual; chosen on series of the public benchmark (`benchmarks/nab.py`)."""

_BAND = 3.0  # the band leaves out one value in a thousand on each side
_MOST_EVIDENCE = 8.0  # of one way of looking, so that none outvotes all others
_SLOTS = 48
_SLOT_SECONDS = 86400 / _SLOTS
_SLOT_MEMORY = 40
_FAST, _MIDDLE, _UNREST = 0.1, 0.02, 0.05
_GAP = 10  # times the usual distance of two points

_WAYS = {
    "value": ("higher than ever", "lower than ever"),
    "step": ("a steeper rise than ever", "a steeper fall than ever"),
    "time_of_day": ("high for this time of day", "low for this time of day"),
    "hours": ("high for this time of day, and for a while now", "low for this time of day, and for a while now"),
    "fast": ("the average of the last points is higher than ever", "the average of the last points is lower than ever"),
    "middle": ("its level is higher than ever", "its level is lower than ever"),
    "shift": ("its level has risen faster than ever", "its level has fallen faster than ever"),
    "unrest": ("it varies more than ever", "it varies less than ever"),
}


@dataclass(frozen=True)
class Judgement:
    """What is thought of a point.

    Attributes:
        score: the mean evidence, -log10 of a probability; unusual from `ALARM` on.
        band_low, band_high: what is expected at this time, one value in a thousand left out on each side; None while
            too little was seen.
        reason: in words, the strongest evidence; or why there is no judgement.
        samples: points learned before this one.
    """

    score: float
    band_low: float | None
    band_high: float | None
    reason: str
    samples: int


@dataclass
class SeriesState:
    """All that is kept of a series."""

    samples: int = 0
    at: float | None = None
    step: float | None = None
    last: float | None = None
    fast: float = 0.0
    middle: float = 0.0
    spread: float = 0.0
    season: float = 0.0
    slots: list[list[float]] = field(default_factory=lambda: [[0, 0.0] for _ in range(_SLOTS)])
    tails: dict[str, tuple[Tail, Tail]] = field(default_factory=lambda: {way: (Tail(), Tail()) for way in _WAYS})

    def to_text(self) -> str:
        """The state as JSON, under 10 KB."""
        plain = {name: value for name, value in vars(self).items() if name != "tails"}
        tails = {way: [[tail.count, tail.peaks] for tail in pair] for way, pair in self.tails.items()}
        return json.dumps({**plain, "tails": tails}, separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> SeriesState:
        """The state that `to_text` wrote."""
        plain = json.loads(text)
        tails = {way: (Tail(*high), Tail(*low)) for way, (high, low) in plain.pop("tails").items()}
        return cls(**plain, tails=tails)


def update(state: SeriesState, at: float, value: float, *, learn: bool = True) -> Judgement:
    """Judge a point, and learn it.

    Args:
        state: of its series; changed in place.
        at: seconds since 1970. A point that is not newer than the last one is not judged.
        value: of the point; NaN and infinity are not judged.
        learn: false in an incident or in maintenance: the point is judged, and does not change what is normal.
    """
    if not math.isfinite(value):
        return Judgement(0.0, None, None, "no number", state.samples)
    if state.at is not None and at <= state.at:
        return Judgement(0.0, None, None, "not newer than the point before", state.samples)
    slot = state.slots[int(at // _SLOT_SECONDS) % _SLOTS]
    low, high = _band(state, slot)
    seen = _Seen(state, at, value, slot)
    ways = dict(seen.ways())
    evidence = {
        way: (_capped(state.tails[way][0].evidence(seen_as)), _capped(state.tails[way][1].evidence(-seen_as)))
        for way, seen_as in ways.items()
    }
    total = sum(max(pair) for pair in evidence.values())
    judgement = Judgement(total / len(_WAYS), low, high, _reason(evidence), state.samples)
    if learn:
        _learn(state, seen, ways)
    state.at, state.last = at, value
    return judgement


class _Seen:
    """A point as it changes the averages, before anything is stored."""

    def __init__(self, state: SeriesState, at: float, value: float, slot: list[float]) -> None:
        self.value, self.slot = value, slot
        first = state.samples == 0
        self.distance = None if state.at is None else at - state.at
        gap = self.distance is not None and state.step is not None and self.distance > _GAP * state.step
        self.rise = None if state.last is None or gap else value - state.last
        self.fast = value if first else state.fast + _FAST * (value - state.fast)
        self.middle = value if first else state.middle + _MIDDLE * (value - state.middle)
        self.spread = state.spread + _UNREST * ((value - self.middle) ** 2 - state.spread)
        self.residual = value - slot[1] if slot[0] >= 2 else None
        self.season = state.season
        if self.residual is not None:
            self.season += _FAST * (self.residual - state.season)

    def ways(self) -> Iterator[tuple[str, float]]:
        yield "value", self.value
        if self.rise is not None:
            yield "step", self.rise
        if self.residual is not None:
            yield "time_of_day", self.residual
            yield "hours", self.season
        yield "fast", self.fast
        yield "middle", self.middle
        yield "shift", self.fast - self.middle
        yield "unrest", math.sqrt(self.spread)


def _learn(state: SeriesState, seen: _Seen, ways: dict[str, float]) -> None:
    for way, seen_as in ways.items():
        high, low = state.tails[way]
        high.add(seen_as)
        low.add(-seen_as)
    state.fast, state.middle, state.spread, state.season = seen.fast, seen.middle, seen.spread, seen.season
    seen.slot[0] = min(seen.slot[0] + 1, _SLOT_MEMORY)
    seen.slot[1] += (seen.value - seen.slot[1]) / seen.slot[0]
    if seen.distance is not None:
        state.step = seen.distance if state.step is None else state.step + _FAST * (seen.distance - state.step)
    state.samples += 1


def _band(state: SeriesState, slot: list[float]) -> tuple[float | None, float | None]:
    high, low = state.tails["time_of_day"]
    above, below = high.bound(_BAND), low.bound(_BAND)
    if above is None or below is None or slot[0] < 2:
        return None, None
    return slot[1] - below, slot[1] + above


def _reason(evidence: dict[str, tuple[float, float]]) -> str:
    way, (high, low) = max(evidence.items(), key=lambda item: max(item[1]))
    if max(high, low) == 0:
        return "as usual"
    return _WAYS[way][0 if high >= low else 1]


def _capped(evidence: float) -> float:
    return min(evidence, _MOST_EVIDENCE)


@dataclass
class Episode:
    """Makes of scores one alarm an episode: a score counts where none as high was in the last `quiet` points."""

    quiet: int = 150
    peak: float = 0.0
    left: int = 0

    def novel(self, score: float) -> float:
        """The score, or 0 within an episode that has been seen already."""
        if self.left > 0 and score <= self.peak:
            self.left -= 1
            return 0.0
        self.peak, self.left = score, self.quiet
        return score
