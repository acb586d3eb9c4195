"""The streaming detector: what is unusual, and what it keeps."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from besunny.performance.learned.detector import ALARM, Judgement, SeriesState, update
from besunny.performance.learned.tail import Tail

STEP = 300
DAY = 288


def daily(number: int, noise: random.Random) -> float:
    """A day's wave of requests, with noise."""
    return 100 + 50 * math.sin(2 * math.pi * number / DAY) + noise.gauss(0, 3)


def taught(days: int = 7) -> tuple[SeriesState, int, random.Random]:
    """A state that knows the wave, the next point's number, and the noise."""
    state, noise = SeriesState(), random.Random(7)
    for number in range(days * DAY):
        update(state, number * STEP, daily(number, noise))
    return state, days * DAY, noise


def test_a_usual_day_raises_nothing_and_the_band_holds_it() -> None:
    state, start, noise = taught()
    inside = 0
    for number in range(start, start + DAY):
        value = daily(number, noise)
        judged = update(state, number * STEP, value)
        assert judged.score < ALARM
        assert judged.band_low is not None
        assert judged.band_high is not None
        inside += judged.band_low <= value <= judged.band_high
    assert inside >= 0.97 * DAY


def test_a_spike_is_told_with_the_band_and_why() -> None:
    state, number, _ = taught()
    judged = update(state, number * STEP, 400.0)
    assert judged.score >= ALARM
    assert judged.band_high is not None
    assert judged.band_high < 160
    assert judged.samples == number
    assert "higher" in judged.reason or "high" in judged.reason or "rise" in judged.reason


def test_what_is_usual_at_noon_is_unusual_at_night() -> None:
    state, start, noise = taught()
    judged = []
    for number in range(start, start + DAY):
        at_peak = abs(math.sin(2 * math.pi * number / DAY) + 1) < 0.02
        judged.append(update(state, number * STEP, 150.0 if at_peak else daily(number, noise)))
    assert max(j.score for j in judged) >= ALARM


def test_a_lasting_shift_is_told_and_in_time_becomes_usual() -> None:
    state, start, noise = taught()
    scores = [update(state, n * STEP, daily(n, noise) + 100).score for n in range(start, start + 4 * DAY)]
    assert max(scores[:12]) >= ALARM
    assert max(scores[-DAY:]) < ALARM


def test_a_line_that_goes_flat_is_told() -> None:
    state, start, _ = taught()
    scores = [update(state, n * STEP, 0.0).score for n in range(start, start + 24)]
    assert max(scores) >= ALARM
    assert state.season < -50


def test_a_constant_is_usual_and_its_change_is_not() -> None:
    state = SeriesState()
    assert max(update(state, n * STEP, 5.0).score for n in range(20_000)) == 0
    assert update(state, 20_000 * STEP, 9.0).score >= ALARM


def test_an_incident_that_is_not_learned_stays_unusual() -> None:
    state, start, noise = taught()
    before = state.tails["value"][0].peaks[:]
    scores = [update(state, n * STEP, daily(n, noise) + 300, learn=False).score for n in range(start, start + DAY)]
    assert min(scores) >= ALARM
    assert state.tails["value"][0].peaks == before
    assert state.samples == start


def test_late_and_repeated_points_change_nothing() -> None:
    state, start, _ = taught(1)
    kept = state.to_text()
    for at in ((start - 1) * STEP, 0.0):
        judged = update(state, at, 1e6)
        assert judged == Judgement(0.0, None, None, "not newer than the point before", start)
    assert state.to_text() == kept


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_changes_nothing(value: float) -> None:
    state, start, _ = taught(1)
    kept = state.to_text()
    assert update(state, start * STEP, value).reason == "no number"
    assert state.to_text() == kept


def test_after_a_gap_no_step_is_taken() -> None:
    state, start, _ = taught()
    steps = state.tails["step"][0].count
    update(state, (start + DAY) * STEP, 100.0)
    assert state.tails["step"][0].count == steps
    update(state, (start + DAY + 1) * STEP, 101.0)
    assert state.tails["step"][0].count == steps + 1


def test_too_little_seen_is_no_judgement() -> None:
    state = SeriesState()
    judged = [update(state, n * STEP, v) for n, v in enumerate([1.0, 2.0] * 10 + [900.0])]
    assert all(j.score == 0 and j.band_low is None for j in judged)


@given(
    st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=120),
    st.integers(0, 120),
)
def test_a_restart_in_the_middle_changes_nothing(values: list[float], restart: int) -> None:
    one, other = SeriesState(), SeriesState()
    for number, value in enumerate(values):
        if number == restart:
            other = SeriesState.from_text(other.to_text())
        scaled = value / 1e200
        assert update(one, number * STEP, scaled) == update(other, number * STEP, scaled)
    assert one == other


def test_the_state_fits_one_item() -> None:
    state, noise = SeriesState(), random.Random(3)
    for number in range(30 * DAY):
        update(state, 1.8e9 + number * STEP + 0.123, noise.lognormvariate(-20, 8))
    assert len(state.to_text().encode()) < 10_000


@given(st.lists(st.floats(0, 1e6), min_size=30, max_size=200), st.floats(0, 1e6), st.floats(0, 1e6))
def test_what_is_greater_is_no_less_rare(values: list[float], one: float, other: float) -> None:
    tail = Tail()
    for value in values:
        tail.add(value)
    low, high = sorted((one, other))
    assert tail.evidence(low) <= tail.evidence(high)


def test_the_bound_is_where_the_evidence_is() -> None:
    tail, noise = Tail(), random.Random(5)
    for _ in range(5000):
        tail.add(noise.expovariate(1))
    bound = tail.bound(3.0)
    assert bound is not None
    assert bound == pytest.approx(math.log(1000), rel=0.15)
    assert tail.evidence(bound) == pytest.approx(3.0, abs=0.01)
