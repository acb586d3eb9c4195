"""Two listeners in one process: the AWS API and the front door. Ends at SIGTERM, SIGINT, or with its caller."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import stat
import threading

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack import app as ministack_app

from local.emulator.front_door import FrontDoor
from local.emulator.settings import EmulatorSettings
from local.repairs import Repaired
from local.repairs.step_functions.executions import announce_interrupted

logger = logging.getLogger("emulator")
# How long requests in flight may go on once it is told to stop.
GRACE_SECONDS = 1.0


async def run(settings: EmulatorSettings, repaired: Repaired) -> None:
    """Serve until told to stop; then save the state and end every environment. Raises what kept it from starting."""
    stopping, started = asyncio.Event(), asyncio.get_running_loop().create_future()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    _watch_caller(loop, stopping)
    async with asyncio.TaskGroup() as group:
        group.create_task(_serve(_ministack(repaired, started, stopping), settings.aws_port, stopping))
        group.create_task(_serve(FrontDoor(settings.stage), settings.api_port, stopping))
    await started
    # Saved before the functions end, so that what they would still do to the state is not in it.
    repaired.state.stop()
    repaired.functions.pool.close()


async def _serve(application: object, port: int, stopping: asyncio.Event) -> None:
    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = GRACE_SECONDS
    config.shutdown_timeout = GRACE_SECONDS
    config.accesslog = None
    config.errorlog = logging.getLogger("hypercorn.error")
    # Bodies up to 10 MB pass the front door, objects of any size the AWS port.
    config.h11_max_incomplete_size = 256 * 1024
    try:
        await serve(application, config, shutdown_trigger=stopping.wait)
    finally:
        # One listener alone is no emulator.
        stopping.set()


def _ministack(repaired: Repaired, started: asyncio.Future[None], stopping: asyncio.Event) -> object:
    """ministack's application; once it has its saved state, what must wait for that starts too."""

    async def application(scope: dict[str, object], receive: object, send: object) -> None:
        if scope["type"] != "lifespan":
            await ministack_app.app(scope, receive, send)
            return

        async def send_and_start(message: dict[str, object]) -> None:
            if message["type"] == "lifespan.startup.complete":
                repaired.state.start()
                announce_interrupted()
                started.set_result(None)
            await send(message)  # type: ignore[operator]

        try:
            await ministack_app.app(scope, receive, send_and_start)
        except Exception as problem:  # noqa: BLE001 - `run` raises it again
            started.set_exception(problem)
            stopping.set()

    return application


def _watch_caller(loop: asyncio.AbstractEventLoop, stopping: asyncio.Event) -> None:
    """Stop when the other end of standard input, which the caller holds, is closed. A terminal is no such pipe."""
    if not stat.S_ISFIFO(os.fstat(0).st_mode):
        return

    def wait() -> None:
        while os.read(0, 1024):
            pass
        logger.info("the caller ended")
        with contextlib.suppress(RuntimeError):  # the loop may be closed by now
            loop.call_soon_threadsafe(stopping.set)

    threading.Thread(target=wait, daemon=True, name="caller").start()
