"""Which of what waits is next: the tenant that runs the least for its weight, then the best ranked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar

from besunny.errors import MisconfiguredError


class InLine(Protocol):
    """What waits.

    Attributes:
        rank: among all that waits, by age and priority; smaller goes first.
    """

    @property
    def tenant_id(self) -> str: ...

    @property
    def rank(self) -> int: ...


Waits = TypeVar("Waits", bound=InLine)


class Weights:
    """How much of the whole each tenant may have beside others; 1 where nothing is said.

    Args:
        text: `tenant=weight` pairs with commas between, such as `acme=3,globex=0.5`.

    Raises:
        MisconfiguredError: names the pair that is none.
    """

    def __init__(self, text: str = "") -> None:
        self._weights = dict(_pair(pair) for pair in text.split(",") if pair.strip())

    def of(self, tenant_id: str) -> float:
        """A tenant's weight, above 0."""
        return self._weights.get(tenant_id, 1.0)


def _pair(text: str) -> tuple[str, float]:
    tenant_id, _, number = text.strip().rpartition("=")
    try:
        weight = float(number)
    except ValueError:
        weight = 0.0
    if not tenant_id or not 0 < weight < 1e6:
        raise MisconfiguredError(f"TENANT_WEIGHTS holds `{text.strip()}`; write pairs such as acme=3,globex=0.5")
    return tenant_id, weight


def next_of(waiting: Iterable[Waits], running: Mapping[str, int], weights: Weights) -> Waits | None:
    """What starts next of what may start now, of equals the one that is named first; None where nothing may.

    Args:
        running: how many workflows of each tenant run.
    """
    return min(
        waiting,
        key=lambda one: (running.get(one.tenant_id, 0) / weights.of(one.tenant_id), one.rank),
        default=None,
    )
