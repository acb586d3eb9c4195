"""The one retry policy: how often, how long, and never past the deadline."""

import pytest

from besunny.errors import EngineFailedError, EngineUnavailableError, NotWantedError
from besunny.inference.engines.attempts import Attempts, TryAgainError
from besunny.inference.engines.protocol import Deadline


class Clock:
    """Seconds that pass only when somebody sleeps."""

    def __init__(self):
        self.now = 0.0
        self.slept = []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock():
    return Clock()


def failing(calls, **error):
    def once():
        calls.append(1)
        raise TryAgainError("busy", **error)

    return once


def attempts(clock, most=3, seconds=60.0):
    return Attempts(most, Deadline.within(seconds, clock), sleep=clock.sleep, jitter=lambda: 1.0)


def test_it_tries_so_often_and_says_why_it_stopped(clock):
    calls = []
    with pytest.raises(EngineUnavailableError, match="busy, in 3 requests"):
        attempts(clock).run(failing(calls))
    assert len(calls) == 3
    assert clock.slept == [0.5, 1.0]


def test_tries_are_shared_by_all_that_one_generation_runs(clock):
    calls, tries = [], attempts(clock)
    tries.run(lambda: calls.append(1))
    tries.run(lambda: calls.append(1))
    with pytest.raises(EngineUnavailableError):
        tries.run(failing(calls))
    assert len(calls) == 3
    with pytest.raises(EngineUnavailableError, match="used up"):
        tries.run(lambda: calls.append(1))


def test_it_waits_as_long_as_the_server_asks_but_not_past_the_deadline(clock):
    calls = []
    with pytest.raises(EngineUnavailableError):
        attempts(clock, most=2).run(failing(calls, after=7.0))
    assert clock.slept == [7.0]
    with pytest.raises(EngineUnavailableError, match=r"in 1 request$"):
        attempts(clock, most=5, seconds=10).run(failing(calls, after=3600.0))
    assert len(calls) == 3


def test_no_try_begins_without_time_for_it(clock):
    with pytest.raises(EngineUnavailableError, match="no time"):
        attempts(clock, seconds=0.5).run(lambda: pytest.fail("it was tried"))


def test_no_try_begins_once_the_answer_is_not_wanted(clock):
    calls, wanted = [], [True, True, False]
    tries = Attempts(5, Deadline.within(60, clock, wanted=lambda: wanted.pop(0)), sleep=clock.sleep)
    with pytest.raises(NotWantedError):
        tries.run(failing(calls))
    assert (len(calls), tries.left) == (2, 3)


class Watching:
    """Notes what it is told."""

    def __init__(self, retries=99):
        self.seen, self.retries = [], retries

    def answered(self, milliseconds):
        self.seen.append(("answered", milliseconds))

    def failed(self, milliseconds, reason):
        self.seen.append((reason, milliseconds))

    def may_retry(self):
        self.retries -= 1
        return self.retries >= 0


def watched(clock, watch):
    return Attempts(5, Deadline.within(60, clock), watch=watch, sleep=clock.sleep, jitter=lambda: 1.0)


def test_who_watches_learns_of_each_request_and_how_long_it_took(clock):
    outcomes = [TryAgainError("busy"), TryAgainError("other form", understood=True), None]
    watch = Watching()

    def once():
        clock.now += 2
        if error := outcomes.pop(0):
            raise error
        return "found"

    assert watched(clock, watch).run(once) == "found"
    assert watch.seen == [("busy", 2000), ("answered", 2000), ("answered", 2000)]
    assert watch.retries == 98  # another form is no retry


@pytest.mark.parametrize(("blames_request", "seen"), [(True, "answered"), (False, "refused")])
def test_a_refusal_counts_against_the_engine_unless_the_request_is_to_blame(clock, blames_request, seen):
    watch = Watching()

    def once():
        error = EngineFailedError("refused")
        error.blames_request = blames_request
        raise error

    with pytest.raises(EngineFailedError):
        watched(clock, watch).run(once)
    assert [outcome for outcome, _ in watch.seen] == [seen]


def test_without_a_retry_in_hand_it_stops_and_says_so(clock):
    calls = []
    with pytest.raises(EngineUnavailableError, match="busy; it fails too often"):
        watched(clock, Watching(retries=1)).run(failing(calls))
    assert len(calls) == 2
