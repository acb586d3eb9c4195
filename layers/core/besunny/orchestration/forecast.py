"""When something that waits will start: the queue played forward by the rule that starts it."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from besunny.orchestration.fairness import Weights, next_of


@dataclass(frozen=True)
class Runs:
    """Something that runs, and for how many seconds more."""

    tenant_id: str
    seconds: float


@dataclass(frozen=True)
class Waits:
    """Something that waits, and for how many seconds it will run."""

    workflow_id: str
    tenant_id: str
    rank: int
    seconds: float


@dataclass(frozen=True)
class Start:
    """A start to come.

    Attributes:
        place: 1 starts first.
        seconds: from now.
    """

    place: int
    seconds: float


def start_of(
    workflow_id: str,
    waiting: Sequence[Waits],
    running: Sequence[Runs],
    *,
    in_all: int,
    of_tenant: int,
    weights: Weights,
) -> Start | None:
    """When a workflow starts if nothing else comes; None where it is not among what waits, or cannot start at all.

    Args:
        in_all, of_tenant: the limits.
    """
    count = Counter(one.tenant_id for one in running)
    ends = [(one.seconds, one.tenant_id) for one in running]
    heapq.heapify(ends)
    lines: dict[str, list[Waits]] = defaultdict(list)
    for one in sorted(waiting, key=lambda one: (one.rank, one.workflow_id), reverse=True):
        lines[one.tenant_id].append(one)
    place, now = 0, 0.0
    while lines:
        able = [line[-1] for tenant_id, line in lines.items() if count[tenant_id] < of_tenant]
        chosen = next_of(able, count, weights) if len(ends) < in_all else None
        if chosen is None:
            if not ends:
                return None
            now, ended = heapq.heappop(ends)
            count[ended] -= 1
            continue
        place += 1
        if chosen.workflow_id == workflow_id:
            return Start(place, now)
        line = lines[chosen.tenant_id]
        line.pop()
        if not line:
            del lines[chosen.tenant_id]
        count[chosen.tenant_id] += 1
        heapq.heappush(ends, (now + chosen.seconds, chosen.tenant_id))
    return None
