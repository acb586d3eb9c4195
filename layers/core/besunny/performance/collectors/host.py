"""The recorder's own psutil sample of the machine that it runs on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import psutil

from besunny.observability.probe import CpuWindow
from besunny.performance.points import Points, single
from besunny.performance.series import CONNECTIONS, CPU, DISK, MEMORY, RECEIVED, SENT


@dataclass(frozen=True)
class NetworkTotals:
    """Bytes since boot, over all interfaces."""

    bytes_sent: int
    bytes_recv: int


@dataclass(frozen=True)
class Measured:
    """One sample.

    Attributes:
        points: gauges by name; rates are over the time since the sample before.
        network: totals since boot.
    """

    points: Points
    network: NetworkTotals


class HostMeter:
    """Measures over the time between its samples, and waits where that is shorter than `shortest` seconds."""

    def __init__(self, *, shortest: float, monotonic: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._shortest = shortest
        self._monotonic = monotonic
        self._sleep = sleep
        self._cpu = CpuWindow()
        self._before = (monotonic(), _network())

    def sample(self) -> Measured:
        """Take a sample.

        Raises:
            psutil.Error, OSError: the system does not tell.
        """
        before = self._before
        if (elapsed := self._monotonic() - before[0]) < self._shortest:
            self._sleep(self._shortest - elapsed)
        now, network = self._monotonic(), _network()
        elapsed = max(now - before[0], 1e-3)
        figures: dict[str, float | None] = {
            CPU: self._cpu.percent(shortest=0),
            MEMORY: psutil.virtual_memory().percent,
            DISK: psutil.disk_usage("/tmp").percent,
            CONNECTIONS: _connections(),
            # Totals that fell mean that an interface went away: no rate, rather than a negative one.
            SENT: _rate(before[1].bytes_sent, network.bytes_sent, elapsed),
            RECEIVED: _rate(before[1].bytes_recv, network.bytes_recv, elapsed),
        }
        self._before = (now, network)
        return Measured({name: single(value) for name, value in figures.items() if value is not None}, network)


def _network() -> NetworkTotals:
    totals = psutil.net_io_counters()
    if totals is None:
        return NetworkTotals(0, 0)
    return NetworkTotals(totals.bytes_sent, totals.bytes_recv)


def _connections() -> float | None:
    try:
        return sum(c.status == psutil.CONN_ESTABLISHED for c in psutil.net_connections("inet"))
    except psutil.AccessDenied:
        # macOS shows them to root only: this figure is missing, the others are not.
        return None


def _rate(before: int, after: int, elapsed: float) -> float | None:
    return (after - before) / elapsed if after >= before else None


@lru_cache
def host_meter(monotonic: Callable[[], float], sleep: Callable[[float], None]) -> HostMeter:
    """The process's meter: kept, so that the next invocation measures since this one."""
    return HostMeter(shortest=0.5, monotonic=monotonic, sleep=sleep)
