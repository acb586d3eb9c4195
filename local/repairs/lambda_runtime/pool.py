"""Which environment runs an invocation: a free warm one, a new one, or, at the cap, the next that becomes free.

AWS scales to the account's concurrency and then refuses with 429; a laptop queues first, and refuses when the wait
gets absurd, so that a function that invokes itself at the cap fails instead of waiting for ever.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

from local.repairs.lambda_runtime.environment import Environment

WAIT_SECONDS = 60.0


class NoEnvironment(RuntimeError):
    """Every environment of the function stayed busy: AWS would answer TooManyRequestsException."""


class _Function:
    def __init__(self, lock: threading.Lock) -> None:
        self.idle: list[Environment] = []
        self.busy: set[Environment] = set()
        self.starting = 0
        self.queued = 0
        self.freed = threading.Condition(lock)

    @property
    def forgettable(self) -> bool:
        return not (self.idle or self.busy or self.starting or self.queued)


class EnvironmentPool:
    """All environments of all functions. A key is one configuration of one function."""

    def __init__(self, *, max_per_function: int, idle_seconds: float) -> None:
        self._max = max_per_function
        self._idle_seconds = idle_seconds
        self._lock = threading.Lock()
        self._functions: dict[str, _Function] = {}
        self._closed = threading.Event()
        threading.Thread(target=self._retire, daemon=True, name="lambda-retire").start()

    @contextlib.contextmanager
    def lease(self, key: str, start: Callable[[], Environment]) -> Iterator[Environment]:
        """An environment for one invocation. Raises NoEnvironment."""
        environment = self._take(key) or self._start(key, start)
        try:
            yield environment
        finally:
            with self._lock:
                function = self._functions[key]
                function.busy.discard(environment)
                if environment.usable and not self._closed.is_set():
                    function.idle.append(environment)
                function.freed.notify()

    def close(self) -> None:
        """End every environment; none starts after."""
        self._closed.set()
        with self._lock:
            everything = [e for f in self._functions.values() for e in (*f.idle, *f.busy)]
            for function in self._functions.values():
                function.freed.notify_all()
        for environment in everything:
            environment.kill()
        for environment in everything:
            environment.join(1.0)

    def _take(self, key: str) -> Environment | None:
        """A free environment, or None once there is room for a new one (whose place is then taken)."""
        deadline = time.monotonic() + WAIT_SECONDS
        with self._lock:
            function = self._functions.setdefault(key, _Function(self._lock))
            while True:
                # The one used last is the warmest; the others get the chance to retire.
                while function.idle:
                    environment = function.idle.pop()
                    if environment.usable:
                        function.busy.add(environment)
                        return environment
                if len(function.busy) + function.starting < self._max and not self._closed.is_set():
                    function.starting += 1
                    return None
                function.queued += 1
                freed = function.freed.wait(deadline - time.monotonic())
                function.queued -= 1
                if self._closed.is_set() or not freed:
                    raise NoEnvironment(key)

    def _start(self, key: str, start: Callable[[], Environment]) -> Environment:
        environment = None
        try:
            environment = start()
            return environment
        finally:
            with self._lock:
                function = self._functions[key]
                function.starting -= 1
                if environment is None:
                    function.freed.notify()
                else:
                    function.busy.add(environment)

    def _retire(self) -> None:
        """End environments that served nothing for a while."""
        while not self._closed.wait(self._idle_seconds / 4):
            horizon = time.monotonic() - self._idle_seconds
            with self._lock:
                tired = [e for f in self._functions.values() for e in f.idle if e.last_used < horizon]
                for key, function in list(self._functions.items()):
                    function.idle = [e for e in function.idle if e.last_used >= horizon and e.usable]
                    if function.forgettable:
                        del self._functions[key]
            for environment in tired:
                environment.kill()
