"""What makes a running branch stop: its execution ended, or a sibling failed.

A scope is the execution, or one attempt of a Parallel or Map state in it. It travels in the thread's context, which
ministack copies into each thread that it starts for an execution.
"""

from __future__ import annotations

import contextvars
import threading
import time


class Ended(BaseException):
    """The scope is over, and this thread has nothing left to do. Not an Exception: no Catch or Retry may see it."""


class Scope:
    """A tree; `stopped` is true below whatever was stopped."""

    def __init__(self, parent: Scope | None = None) -> None:
        self._parent = parent
        self.changed: threading.Condition = parent.changed if parent else threading.Condition()
        self._stopped = False

    @property
    def stopped(self) -> bool:
        return self._stopped or (self._parent is not None and self._parent.stopped)

    def stop(self) -> None:
        """Wake and end all that runs in this scope."""
        with self.changed:
            self._stopped = True
            self.changed.notify_all()


_current: contextvars.ContextVar[Scope | None] = contextvars.ContextVar("scope", default=None)


def enter(scope: Scope) -> None:
    """Make it the scope of this thread's context."""
    _current.set(scope)


def current() -> Scope:
    """The scope of this thread; one that nobody stops where a state is tried on its own (TestState)."""
    return _current.get() or Scope()


def check() -> None:
    """Raise Ended if this thread's scope is over."""
    if current().stopped:
        raise Ended


def sleep(seconds: float) -> None:
    """Wait, but no longer than the scope lasts."""
    scope = current()
    deadline = time.monotonic() + seconds
    with scope.changed:
        while not scope.stopped and (left := deadline - time.monotonic()) > 0:
            scope.changed.wait(left)
    check()
