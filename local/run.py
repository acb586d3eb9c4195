"""`make run`: the whole stack on this machine, shown at work once, then kept up until Ctrl-C."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import textwrap
import time
from pathlib import Path
from typing import NoReturn

from local.emulator_process import EmulatorError, EmulatorProcess
from local.stack import engines, parameters, ports, record, report, sample
from local.stack.errors import StackError
from local.stack.laptop import LaptopStack
from local.stack.paths import ROOT, RUNNING

LEAST_FREE_BYTES = 1_000_000_000
SUPERVISED_EVERY_SECONDS = 0.5


class Stopped(BaseException):
    """Ctrl-C or a signal asked for the end; not an error, so nothing that handles errors may take it."""


class Progress:
    """Lines with the seconds since the start."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    def __call__(self, line: str) -> None:
        print(f"{time.monotonic() - self._started:6.1f} s  {line}", flush=True)


def _stop(number: int, _frame: object) -> NoReturn:
    # A second Ctrl-C must not break the orderly end that the first began.
    for handled in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(handled, signal.SIG_IGN)
    raise Stopped(signal.Signals(number).name)


def show_sample(stack: LaptopStack, say: Progress) -> None:
    """Send the sample and print its result; a failure is printed too, since the stack is there to look into it."""
    say(f"sending {sample.MEETING.relative_to(ROOT)} to {stack.api_url}")
    try:
        outcome = sample.send(stack.api_url, stack.token())
    except (StackError, OSError) as error:
        say(f"the sample workflow did not work: {error}")
        return
    say("here is what came back")
    print(f"\n{textwrap.indent(report.render(outcome), '  ')}\n")


def banner(stack: LaptopStack) -> str:
    """Where everything is and how to get in."""
    api = stack.api_url
    command = "make -s token ROLE=user SUB=alice TENANT=acme" + (
        f" PORT={stack.api_port}" if stack.api_port != 3000 else ""
    )
    lines = {
        "API": f"{api}/v1/...   {api}/docs   {api}/openapi.json   {api}/health",
        "token": command,
        "try": f'curl -H "Authorization: Bearer $({command})" {api}/v1/ai-orchestration/workflows',
        "AWS API": f"AWS_ENDPOINT_URL={stack.aws_url} AWS_DEFAULT_REGION={stack.region} (any key)",
        "data": f"{stack.data} (outlives this; logs in its logs/)",
        "stop": "Ctrl-C",
    }
    return "\n" + "".join(f"  {name:<8} {text}\n" for name, text in lines.items())


def supervise(emulator: EmulatorProcess) -> NoReturn:
    """Stay until something ends. Raises StackError when the emulator does, Stopped when whoever started us is gone."""
    parent = os.getppid()
    while True:
        if (code := emulator.process.poll()) is not None:
            raise StackError(f"the emulator ended by itself (code {code}); its log: {emulator.log}")
        if "MAKELEVEL" in os.environ and os.getppid() != parent:
            raise Stopped("make is gone")
        time.sleep(SUPERVISED_EVERY_SECONDS)


def main() -> None:
    options = argparse.ArgumentParser(prog="make run")
    options.add_argument("--port", required=True)
    options.add_argument("--data", required=True, type=Path)
    options.add_argument("--engines", type=Path)
    options.add_argument("parameters", nargs="*", metavar="Key=Value")
    given = options.parse_args()
    port = ports.parse(given.port)
    ports.require_free(port)
    if (free := shutil.disk_usage(ROOT).free) < LEAST_FREE_BYTES:
        raise StackError(f"the disk is full: {free / 1e9:.1f} GB free, 1 GB needed; make room and try again")
    document = engines.read(given.engines, os.environ) if given.engines else None
    say = Progress()
    stack = LaptopStack(
        data=given.data,
        api_port=port,
        aws_port=ports.aws_port(port),
        given=parameters.parse(given.parameters),
        engines=document,
        say=say,
    )
    emulator = stack.start()
    known = record.write(stack.record(), RUNNING)
    try:
        show_sample(stack, say)
        say("ready")
        print(banner(stack), flush=True)
        supervise(emulator)
    finally:
        known.unlink(missing_ok=True)
        stack.stop()


if __name__ == "__main__":
    for handled in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(handled, _stop)
    try:
        main()
    except (StackError, EmulatorError) as error:
        sys.exit(f"run: {error}")
    except OSError as error:
        sys.exit(
            f"run: {error.strerror or error}{f' ({error.filename})' if error.filename else ''}; try again after that"
        )
    except Stopped:
        print("\nstopped; the data is kept", flush=True)
