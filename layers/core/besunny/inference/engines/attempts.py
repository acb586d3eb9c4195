"""The one retry policy of every engine behind a network.

Nothing else retries: botocore's own retries are off, HTTP is sent once, and the state machines do not name these errors
in `Retry`. So one generation is at most `attempts` requests, whatever calls it.
"""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from besunny.errors import EngineFailedError, EngineUnavailableError, NotWantedError
from besunny.inference.engines.protocol import Deadline, RequestWatch, Unwatched

T = TypeVar("T")
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 8.0
# A try that could not end before the deadline is not begun.
_LEAST_SECONDS = 1.0


class TryAgainError(Exception):
    """One try failed in a way that may pass.

    Attributes:
        after: how many seconds the server asked to wait, or None.
        status: of its HTTP answer, or None.
        understood: whether only the form of the request was wrong, and the next has another.
    """

    def __init__(
        self, reason: str, *, after: float | None = None, status: int | None = None, understood: bool = False
    ) -> None:
        self.after = after
        self.status = status
        self.understood = understood
        super().__init__(reason)


class Attempts:
    """The tries of one generation; every request to the server takes one.

    Args:
        most: tries in all.
        deadline: no try begins, and no pause ends, after it.
        watch: learns what became of each, and says whether one that failed may be followed by another.
        sleep: waits that many seconds.
        jitter: gives a number from 0 to 1.
    """

    def __init__(
        self,
        most: int,
        deadline: Deadline,
        *,
        watch: RequestWatch | None = None,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.deadline = deadline
        self.left = most
        self._most = most
        self._watch = watch or Unwatched()
        self._sleep = sleep
        self._jitter = jitter

    def run(self, once: Callable[[], T]) -> T:
        """What `once` gives, tried again after `TryAgainError` while tries and time are left.

        Raises:
            EngineUnavailableError: they were used up; says why the last try failed.
            NotWantedError: nobody awaits the answer any more.
        """
        pause = _FIRST_PAUSE
        while True:
            if self.left <= 0:
                raise EngineUnavailableError(f"its {self._most} requests are used up")
            if self.deadline.remaining() < _LEAST_SECONDS:
                raise EngineUnavailableError("no time was left to ask it")
            if not self.deadline.wanted():
                raise NotWantedError("the answer is no longer awaited")
            self.left -= 1
            try:
                return self._watched(once)
            except TryAgainError as error:
                wait = error.after if error.after is not None else pause * (0.5 + self._jitter() / 2)
                if self.left <= 0 or self.deadline.remaining() - wait < _LEAST_SECONDS:
                    sent = self._most - self.left
                    raise EngineUnavailableError(f"{error}, in {sent} request{'' if sent == 1 else 's'}") from None
                if not error.understood and not self._watch.may_retry():
                    raise EngineUnavailableError(f"{error}; it fails too often to be asked again now") from None
                self._sleep(wait)
                pause = min(pause * 2, _LONGEST_PAUSE)

    def _watched(self, once: Callable[[], T]) -> T:
        began = self.deadline.clock()
        try:
            found = once()
        except (EngineFailedError, TryAgainError) as error:
            understood = error.understood if isinstance(error, TryAgainError) else error.blames_request
            if understood:
                self._watch.answered(self._since(began))
            else:
                self._watch.failed(self._since(began), str(error))
            raise
        self._watch.answered(self._since(began))
        return found

    def _since(self, began: float) -> float:
        return (self.deadline.clock() - began) * 1000
