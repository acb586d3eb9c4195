"""Which engine is asked first, which is not asked, and why."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from besunny.inference.engines.circuits import Circuit
from besunny.inference.engines.routing import route

NOW, COOL_DOWN = 1_000_000.0, 30.0
CLOSED = Circuit()
OPEN = Circuit(failures=5, opened_at=NOW - 10)
COOLED = Circuit(failures=5, opened_at=NOW - 31)
PROBED = Circuit(failures=5, opened_at=NOW - 31, probed_until=NOW + 5)


def decide(places, circuits, *, claim=lambda name: True, sample=random.sample):
    cool_downs = dict.fromkeys(circuits, COOL_DOWN)
    return route(places, circuits, cool_downs, now=NOW, claim=claim, sample=sample)


def test_places_are_kept():
    found = decide([["a"], ["b"], ["embedded"]], {"a": CLOSED, "b": CLOSED})
    assert (found.order, found.rejected, found.probing) == (["a", "b", "embedded"], [], None)


def test_an_open_circuit_is_not_asked_and_the_answer_says_why_and_until_when():
    found = decide([["a"], ["b"]], {"a": OPEN, "b": CLOSED})
    assert found.order == ["b"]
    (rejected,) = found.rejected
    assert (rejected.engine, rejected.error) == ("a", "CircuitOpenError")
    assert rejected.reason == "its circuit is open for 10 s after 5 failed requests, next probe in 20 s"


def test_after_its_cool_down_one_request_tries_it_first():
    found = decide([["a"], ["b"]], {"a": COOLED, "b": CLOSED})
    assert (found.order, found.probing) == (["a", "b"], "a")
    lost = decide([["a"], ["b"]], {"a": COOLED, "b": CLOSED}, claim=lambda name: False)
    assert (lost.order, lost.probing, [one.engine for one in lost.rejected]) == (["b"], None, ["a"])
    assert decide([["a"], ["b"]], {"a": PROBED, "b": CLOSED}).order == ["b"]


def test_nobody_probes_an_engine_that_would_not_be_asked():
    def claim(name):
        raise AssertionError(name)

    found = decide([["a"], ["b"]], {"a": CLOSED, "b": COOLED}, claim=claim)
    assert found.order == ["a"]


def test_one_request_probes_one_engine():
    asked = []
    found = decide([["a", "b"], ["embedded"]], {"a": COOLED, "b": COOLED}, claim=lambda name: not asked.append(name))
    assert (found.order, asked) == (["a", "embedded"], ["a"])


def test_of_two_the_quicker_is_first_and_one_that_nobody_knows_is_tried():
    slow, quick = Circuit(latency_ms=900.0, observed_at=NOW), Circuit(latency_ms=100.0, observed_at=NOW)
    assert decide([["a", "b"]], {"a": slow, "b": quick}).order == ["b", "a"]
    assert decide([["a", "b"]], {"a": quick, "b": Circuit()}).order == ["b", "a"]


def test_what_was_slow_long_ago_comes_back():
    slow = Circuit(latency_ms=900.0, observed_at=NOW - 1800)
    quick = Circuit(latency_ms=100.0, observed_at=NOW)
    assert decide([["a", "b"]], {"a": slow, "b": quick}).order == ["a", "b"]


def test_two_are_compared_and_the_quickest_of_many_is_not_stormed():
    circuits = {name: Circuit(latency_ms=float(place), observed_at=NOW) for place, name in enumerate("abcd", 1)}
    firsts = [decide([list("abcd")], circuits, sample=random.Random(seed).sample).order[0] for seed in range(300)]
    assert {firsts.count(name) > 0 for name in "abc"} == {True}
    assert firsts.count("d") == 0  # of any two, another is quicker
    assert 100 < firsts.count("a") < 200  # in half of all pairs


circuits = st.builds(
    Circuit,
    failures=st.integers(0, 9),
    opened_at=st.one_of(st.none(), st.floats(NOW - 100, NOW)),
    probed_until=st.floats(NOW - 50, NOW + 50),
    latency_ms=st.one_of(st.none(), st.floats(0, 1e6)),
    observed_at=st.floats(NOW - 1e4, NOW),
)


@given(st.lists(circuits, min_size=1, max_size=6), st.integers(1, 5), st.randoms(), st.booleans())
def test_each_engine_is_asked_once_or_rejected_once_and_open_ones_are_not_asked(found, cut, chance, claimed):
    names = [f"e{number}" for number in range(len(found))]
    known = dict(zip(names, found, strict=True))
    places = [place for place in (names[:cut], names[cut:]) if place]
    decided = decide(places, known, claim=lambda name: claimed, sample=chance.sample)
    assert sorted([*decided.order, *(one.engine for one in decided.rejected)]) == names
    for name in decided.order:
        assert known[name].state(NOW, COOL_DOWN) == ("half_open" if name == decided.probing else "closed")


@given(st.lists(st.tuples(st.floats(0, 1e5), st.floats(0, 600)), min_size=1, max_size=30))
def test_a_latency_rises_at_once_falls_slowly_and_lies_within_what_was_seen(seen):
    circuit, now = Circuit(), NOW
    for milliseconds, passed in seen:
        now += passed
        latency = circuit.latency_with(milliseconds, now)
        assert latency >= milliseconds * (1 - 1e-9)
        circuit = Circuit(latency_ms=latency, observed_at=now)
    assert min(ms for ms, _ in seen) * (1 - 1e-9) <= circuit.latency_ms <= max(ms for ms, _ in seen) * (1 + 1e-9)


def test_a_latency_counts_half_after_40_s():
    circuit = Circuit(latency_ms=1000.0, observed_at=NOW)
    assert circuit.latency_with(0.0, NOW + 41.6) == pytest.approx(500, rel=0.01)
