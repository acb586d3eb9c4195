"""The one retry policy: how often, how long, and never past the deadline."""

import pytest

from besunny.errors import EngineUnavailableError, NotWantedError
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
