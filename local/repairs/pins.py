"""Repairs replace names inside ministack, which is pinned to one version: say so at once when a name moved."""

from __future__ import annotations

import inspect
from types import ModuleType
from typing import Any

PIN = "ministack==1.5.33 (requirements/emulator.in)"


class PinMismatch(RuntimeError):
    """The installed ministack is not the one the repairs were written for."""


def expect(module: ModuleType, name: str, *parameters: str) -> Any:
    """The attribute `name` of `module`; for a function, its parameters must be named so.

    Raises PinMismatch naming what differs.
    """
    found = getattr(module, name, None)
    if found is None:
        raise PinMismatch(f"{module.__name__}.{name} does not exist: the repairs are for {PIN}")
    if callable(found) and not isinstance(found, type):
        actual = tuple(inspect.signature(found).parameters)
        if actual != parameters:
            raise PinMismatch(f"{module.__name__}.{name} takes {actual}, not {parameters}: the repairs are for {PIN}")
    return found
