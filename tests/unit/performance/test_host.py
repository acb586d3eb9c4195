"""Samples of the machine: over the time between two of them, and never a zero in place of what is not known."""

from types import SimpleNamespace

import psutil
import pytest

from besunny.observability import probe
from besunny.observability.probe import CpuWindow
from besunny.performance.collectors import host
from besunny.performance.collectors.host import HostMeter


class Kernel:
    """CPU counters that a test moves."""

    def __init__(self, monkeypatch, cores=2):
        self.user, self.idle, self.cores = 100.0, 1000.0, cores
        monkeypatch.setattr(psutil, "cpu_times", self.times)
        monkeypatch.setattr(psutil, "cpu_count", lambda: cores)

    def times(self):
        return Times(self.user, self.idle)

    def run(self, *, seconds, busy):
        self.user += seconds * self.cores * busy
        self.idle += seconds * self.cores * (1 - busy)


class Times(tuple):
    """user, idle; as psutil's named tuple."""

    def __new__(cls, user, idle):
        made = super().__new__(cls, (user, idle))
        made.user, made.idle = user, idle
        return made


@pytest.fixture
def kernel(monkeypatch):
    return Kernel(monkeypatch)


@pytest.mark.parametrize("busy", [0.0, 0.37, 1.0])
def test_cpu_is_that_of_the_window(kernel, busy):
    window = CpuWindow()
    kernel.run(seconds=60, busy=busy)
    assert window.percent(shortest=1) == pytest.approx(100 * busy)


def test_a_window_that_is_too_short_goes_on(kernel):
    window = CpuWindow()
    kernel.run(seconds=0.5, busy=1)
    assert window.percent(shortest=1) is None
    kernel.run(seconds=1.5, busy=0)
    assert window.percent(shortest=1) == pytest.approx(25)


def test_a_window_that_is_too_long_says_nothing_of_now_and_the_next_one_does(kernel):
    window = CpuWindow()
    kernel.run(seconds=3600, busy=0)
    assert window.percent(shortest=1, longest=60) is None
    kernel.run(seconds=10, busy=1)
    assert window.percent(shortest=1, longest=60) == pytest.approx(100)


def test_a_probe_without_a_cpu_figure_emits_none(monkeypatch, capsys):
    monkeypatch.setattr(probe, "_cpu_window", SimpleNamespace(percent=lambda **_: None))
    from besunny.observability.metrics import emit_invocation

    emit_invocation(function_name="F", duration_ms=1.0, error=False, request=True)
    line = capsys.readouterr().out
    assert '"Requests"' in line
    assert "CpuPercent" not in line
    assert "RunErrors" not in line


def test_the_meter_waits_only_where_the_sample_before_is_young(monkeypatch):
    clock, waits = [0.0], []

    def sleep(seconds):
        waits.append(seconds)
        clock[0] += seconds

    totals = iter([SimpleNamespace(bytes_sent=sent, bytes_recv=0) for sent in (0, 500, 6500, 100)])
    monkeypatch.setattr(host.psutil, "net_io_counters", lambda: next(totals))
    meter = HostMeter(shortest=0.5, monotonic=lambda: clock[0], sleep=sleep)
    assert meter.sample().points["network_sent_bytes_per_second"].average == 1000
    clock[0] += 60
    assert meter.sample().points["network_sent_bytes_per_second"].average == 100
    clock[0] += 60
    assert "network_sent_bytes_per_second" not in meter.sample().points
    assert waits == [0.5]


def test_connections_that_may_not_be_seen_are_missing_and_nothing_else_is(monkeypatch):
    def denied(_):
        raise psutil.AccessDenied

    monkeypatch.setattr(host.psutil, "net_connections", denied)
    points = HostMeter(shortest=0, monotonic=lambda: 0.0, sleep=lambda _: None).sample().points
    assert "active_connections" not in points
    assert 0 < points["memory_percent"].average <= 100
