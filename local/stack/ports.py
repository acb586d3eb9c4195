"""Ports of the stack: is one free, and if not, who has it."""

from __future__ import annotations

from pathlib import Path

import psutil

from local.emulator_process import free_port, is_free
from local.stack import record
from local.stack.errors import StackError
from local.stack.paths import RUNNING

# The AWS port that belongs to the default API port 3000 is the one that AWS emulators are known by.
AWS_PORT_OFFSET = 4566 - 3000


def parse(text: str) -> int:
    """A port from what a person typed. Raises StackError."""
    if text.isascii() and text.isdigit() and 1024 <= int(text) <= 65535:
        return int(text)
    raise StackError(f"PORT={text} is no port: give a number from 1024 to 65535")


def require_free(port: int, running: Path = RUNNING) -> None:
    """Raises StackError that names who has the port and what to do."""
    if is_free(port):
        return
    other = free_port()
    if record.find(port, running):
        raise StackError(
            f"port {port} is in use by the stack of another `make run`: stop that one with Ctrl-C, "
            f"or run a second one with make run PORT={other} DATA=.local/state-{other}"
        )
    raise StackError(f"port {port} is in use by {_owner(port)}: stop it, or choose another with make run PORT={other}")


def aws_port(api_port: int) -> int:
    """The port for the AWS API beside this API port: the same at each start, unless somebody has it."""
    wanted = api_port + AWS_PORT_OFFSET
    return wanted if wanted <= 65535 and is_free(wanted) else free_port()


def _owner(port: int) -> str:
    try:
        for connection in psutil.net_connections("tcp"):
            if connection.laddr and connection.laddr.port == port and connection.status == psutil.CONN_LISTEN:
                return (
                    f"{psutil.Process(connection.pid).name()} (pid {connection.pid})" if connection.pid else "a program"
                )
    except (psutil.AccessDenied, psutil.NoSuchProcess):
        # Only root may look at other users' processes.
        return "another program"
    return "another program"
