"""psutil sample of the environment that a function runs in: every function is a probe."""

import time
from dataclasses import dataclass
from functools import lru_cache

import psutil


@dataclass(frozen=True)
class HostSample:
    """Figures of one moment.

    Attributes:
        cpu_percent: 0 to 100 over all cores, since the sample before in this process.
        memory_percent: 0 to 100 of the memory that this environment sees.
        disk_usage_percent: 0 to 100 of the disk that holds /tmp.
        process_memory_bytes: resident set of this process.
        network_bytes_sent: since boot.
        network_bytes_received: since boot.
        threads: of this process.
        open_files: file descriptors of this process.
    """

    cpu_percent: float
    memory_percent: float
    disk_usage_percent: float
    process_memory_bytes: int
    network_bytes_sent: int
    network_bytes_received: int
    threads: int
    open_files: int


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
        cpu_percent=psutil.cpu_percent(interval=None),
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
