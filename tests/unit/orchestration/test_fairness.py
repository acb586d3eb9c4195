"""Who is next, and when something starts: rules over plain values."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from besunny.errors import MisconfiguredError
from besunny.orchestration.fairness import Weights, next_of
from besunny.orchestration.forecast import Runs, Start, Waits, start_of

TENANTS = st.sampled_from("abc")
LINES = st.lists(st.tuples(TENANTS, st.integers(0, 50), st.floats(1, 9)), min_size=1, max_size=25)


def line(entries):
    return [Waits(f"w{n}", tenant, rank * 100 + n, seconds) for n, (tenant, rank, seconds) in enumerate(entries)]


def starts(waiting, running=(), *, in_all=3, of_tenant=2, weights=""):
    return {
        one.workflow_id: start_of(
            one.workflow_id, waiting, running, in_all=in_all, of_tenant=of_tenant, weights=Weights(weights)
        )
        for one in waiting
    }


def test_weights_are_read_and_are_one_where_nothing_is_said():
    weights = Weights(" acme=3, a=b=0.5 ")
    assert [weights.of(tenant) for tenant in ("acme", "a=b", "globex")] == [3, 0.5, 1]


@pytest.mark.parametrize("text", ["acme", "acme=", "=3", "acme=0", "acme=-1", "acme=nan", "acme=x", "a=1,b"])
def test_a_pair_that_is_none_is_named(text):
    with pytest.raises(MisconfiguredError, match="TENANT_WEIGHTS"):
        Weights(text)


def test_next_is_who_runs_least_for_its_weight_then_the_best_ranked():
    waiting = line([("a", 0, 1), ("b", 1, 1), ("c", 2, 1)])
    assert next_of(waiting, {"a": 2, "b": 1, "c": 1}, Weights()).tenant_id == "b"
    assert next_of(waiting, {"a": 2, "b": 1, "c": 1}, Weights("a=4")).tenant_id == "a"
    assert next_of([], {}, Weights()) is None


@given(LINES, st.lists(st.tuples(TENANTS, st.floats(0, 9)), max_size=3))
def test_everything_starts_once_in_an_order_without_gaps(entries, running):
    waiting = line(entries)
    found = starts(waiting, [Runs(*one) for one in running])
    assert sorted(start.place for start in found.values()) == list(range(1, len(waiting) + 1))
    in_order = sorted(found.values(), key=lambda start: start.place)
    assert [start.seconds for start in in_order] == sorted(start.seconds for start in in_order)


@given(LINES)
def test_limits_hold_at_every_moment_of_the_forecast(entries):
    waiting = line(entries)
    found = starts(waiting)
    spans = [(found[one.workflow_id].seconds, found[one.workflow_id].seconds + one.seconds, one) for one in waiting]
    for moment, _, _ in spans:
        then = Counter(one.tenant_id for begins, ends, one in spans if begins <= moment < ends)
        assert then.total() <= 3
        assert max(then.values()) <= 2


@given(LINES)
def test_of_one_tenant_the_better_ranked_starts_first(entries):
    waiting = line(entries)
    found = starts(waiting)
    for tenant in "abc":
        own = sorted((one for one in waiting if one.tenant_id == tenant), key=lambda one: one.rank)
        places = [found[one.workflow_id].place for one in own]
        assert places == sorted(places)


def test_what_is_not_in_line_or_can_never_start_has_no_start():
    waiting = line([("a", 0, 1)])
    limits = {"in_all": 3, "of_tenant": 2, "weights": Weights()}
    assert start_of("w9", waiting, [], **limits) is None
    assert start_of("w0", waiting, [], **{**limits, "of_tenant": 0}) is None
    assert start_of("w0", waiting, [Runs("b", 4.0)], **{**limits, "in_all": 1}) == Start(1, 4.0)
