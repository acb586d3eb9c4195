"""Which engines are asked for an answer, in which order, and which are not and why.

Places of the configured order are kept. Of the engines that share a place, the power of two choices by peak EWMA of
latency says who is first (M. Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", 2001); an engine
whose cool-down is over goes before them with one request, as its probe.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from besunny.inference.contracts.engine import CIRCUIT_OPEN, PassedOver
from besunny.inference.engines.circuits import Circuit

Sample = Callable[[Sequence[str], int], list[str]]
"""`sample(names, n)` gives n of them at random, none twice."""


@dataclass
class Route:
    """The decision.

    Attributes:
        order: engines to ask, the first first.
        probing: the one of them that is asked as a probe; None where none is.
        rejected: those that are not asked, and why.
    """

    order: list[str] = field(default_factory=list)
    probing: str | None = None
    rejected: list[PassedOver] = field(default_factory=list)


def route(
    places: Sequence[Sequence[str]],
    circuits: Mapping[str, Circuit],
    cool_downs: Mapping[str, float],
    *,
    now: float,
    claim: Callable[[str], bool],
    sample: Sample,
) -> Route:
    """Decide for one request.

    Args:
        places: names of engines, each place's together.
        circuits: of the engines behind a network; another has none, and always may be asked.
        cool_downs: seconds, of the same.
        now: seconds since the epoch.
        claim: whether this request may probe an engine; asked once at most, and only before another would be asked.
        sample: chooses at random.
    """
    found = Route()
    for place in places:
        closed: list[str] = []
        for name in place:
            circuit = circuits.get(name)
            state = "closed" if circuit is None else circuit.state(now, cool_downs[name])
            if state == "closed":
                closed.append(name)
            elif state == "half_open" and found.probing is None and not found.order and claim(name):
                found.probing = name
            elif circuit is not None:
                found.rejected.append(_rejection(name, circuit, cool_downs[name], now))
        if found.probing is not None and found.probing in place and found.probing not in found.order:
            found.order.append(found.probing)
        found.order += _by_latency(closed, circuits, now, sample)
    return found


def _by_latency(names: list[str], circuits: Mapping[str, Circuit], now: float, sample: Sample) -> list[str]:
    """First the quicker of two taken at random, then the others, the quickest first."""

    def expected(name: str) -> float:
        circuit = circuits.get(name)
        return 0.0 if circuit is None else circuit.expected_ms(now)

    if len(names) < 2:
        return names
    first = min(sample(names, 2), key=expected)
    return [first, *sorted((name for name in names if name != first), key=expected)]


def _rejection(name: str, circuit: Circuit, cool_down: float, now: float) -> PassedOver:
    opened = circuit.opened_at or now
    left = max(opened + cool_down, circuit.probed_until) - now
    when = f"next probe in {left:.0f} s" if left > 0 else "its probe is due"
    reason = f"its circuit is open for {now - opened:.0f} s after {circuit.failures} failed requests, {when}"
    return PassedOver(engine=name, error=CIRCUIT_OPEN, reason=reason)
