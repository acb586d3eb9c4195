"""psutil sample of the environment that a function runs in: every function is a probe."""

import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import psutil


@dataclass(frozen=True)
class HostSample:
    """Figures of one moment.

    Attributes:
        cpu_percent: 0 to 100 over all cores, since the last figure in this process; None where that is less than a
            second ago, or too long ago to say something of now.
        memory_percent: 0 to 100 of the memory that this environment sees.
        disk_usage_percent: 0 to 100 of the disk that holds /tmp.
        process_memory_bytes: resident set of this process.
        network_bytes_sent: since boot.
        network_bytes_received: since boot.
        threads: of this process.
        open_files: file descriptors of this process.
    """

    cpu_percent: float | None
    memory_percent: float
    disk_usage_percent: float
    process_memory_bytes: int
    network_bytes_sent: int
    network_bytes_received: int
    threads: int
    open_files: int


LONGEST_CPU_WINDOW = 60.0
"""Seconds: a function that slept for an hour must not report that hour as its CPU of now."""

SHORTEST_CPU_WINDOW = 1.0
"""Seconds: over the few milliseconds of one request a busy core reads as a busy machine."""


class CpuWindow:
    """CPU over the time between two readings, by the kernel's own count: time in which Lambda froze is not in it."""

    def __init__(self) -> None:
        self._before = psutil.cpu_times()

    def percent(self, *, shortest: float, longest: float | None = None) -> float | None:
        """0 to 100 over all cores since the last figure, and begin the next window.

        Args:
            shortest: seconds; a shorter window is answered with None, and goes on.
            longest: seconds; a longer window is answered with None.
        """
        before, now = self._before, psutil.cpu_times()
        total = _counted(now) - _counted(before)
        seconds = total / (psutil.cpu_count() or 1)
        if total <= 0 or seconds < shortest:
            return None
        self._before = now
        if longest is not None and seconds > longest:
            return None
        return min(max(100 * (1 - (_idle(now) - _idle(before)) / total), 0.0), 100.0)


def _counted(times: Any) -> float:
    # Guest time is in user time already (proc(5)).
    return float(sum(times)) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)


def _idle(times: Any) -> float:
    return float(times.idle) + getattr(times, "iowait", 0.0)


# Made at import, so that a first invocation measures its own start.
_cpu_window = CpuWindow()


@lru_cache
def _process() -> psutil.Process:
    return psutil.Process()


def sample() -> HostSample:
    """Take a sample; under a millisecond, no waiting (CPU is measured since the sample before)."""
    process = _process()
    network = psutil.net_io_counters()
    with process.oneshot():
        memory, threads = process.memory_info().rss, process.num_threads()
    return HostSample(
        cpu_percent=_cpu_window.percent(shortest=SHORTEST_CPU_WINDOW, longest=LONGEST_CPU_WINDOW),
        memory_percent=psutil.virtual_memory().percent,
        disk_usage_percent=psutil.disk_usage("/tmp").percent,
        process_memory_bytes=memory,
        network_bytes_sent=network.bytes_sent if network else 0,
        network_bytes_received=network.bytes_recv if network else 0,
        threads=threads,
        open_files=process.num_fds(),
    )


class Stopwatch:
    """Milliseconds since it was made, by the monotonic clock."""

    def __init__(self) -> None:
        self._start = time.perf_counter()

    def elapsed_ms(self) -> float:
        """Milliseconds since the start, with a microsecond's precision."""
        return round((time.perf_counter() - self._start) * 1000, 3)
