"""State outlives the emulator however it ends: what changed is saved every few seconds, and once more at a clean stop.

Stock ministack saves at a clean stop only, and loses a service's state when it changes while it is being copied.
AWS: nothing that was acknowledged is ever lost; here `kill -9` loses at most what the last interval changed.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ministack import app
from ministack.core import persistence

from local.repairs.pins import expect

logger = logging.getLogger("state")
ATTEMPTS = 20
# At most this share of the time goes into saving, however much state there is.
DUTY = 0.1


class StateSaver:
    """Writes each service's state to a file of its own, whole or not at all, and only when it changed."""

    def __init__(self, folder: Path, every_seconds: float) -> None:
        self._folder = folder
        self._every = every_seconds
        self._saved: dict[str, bytes] = {}
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, daemon=True, name="state-saver")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Save a last time."""
        self._stop.set()
        self._thread.join()
        self.save()

    def save(self) -> None:
        with self._lock:
            # All copied before any is written, and stacks last: a stack that is there after a power cut has its parts.
            services = sorted(app._build_persistence_save_dict().items(), key=lambda pair: pair[0] == "cloudformation")
            copies = [(service, self._copy(service, read)) for service, read in services]
            for service, text in copies:
                if text is not None:
                    self._write(service, text)

    def _run(self) -> None:
        pause = self._every
        while not self._stop.wait(pause):
            started = time.monotonic()
            try:
                self.save()
            except OSError as problem:
                # A full disk may have room again at the next turn; until then every turn says so.
                logger.error("the state could not be saved in %s: %s", self._folder, problem)
            pause = max(self._every, (time.monotonic() - started) / DUTY)

    def _copy(self, service: str, read: Callable[[], Any]) -> bytes | None:
        """The service's state as JSON; None where it has none."""
        for attempt in range(ATTEMPTS):
            try:
                state = read()
                if state is None:
                    return None
                version = persistence._state_format_version(service)
                document = {"__ministack_format__": version, "payload": state}
                return json.dumps(document, default=persistence._json_default).encode()
            except RuntimeError as problem:
                # "dictionary changed size during iteration": a request came in between.
                if attempt == ATTEMPTS - 1:
                    logger.error("the state of %s kept changing and was not saved: %s", service, problem)
                time.sleep(0.01 * attempt)
        return None

    def _write(self, service: str, text: bytes) -> None:
        digest = hashlib.sha256(text).digest()
        if self._saved.get(service) == digest:
            return
        path = self._folder / f"{service}.json"
        partial = path.with_suffix(".partial")
        with partial.open("wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        self._saved[service] = digest


def _saved_elsewhere(_: dict[str, Callable[[], Any]]) -> None:
    """ministack's own save at shutdown: `StateSaver.stop` does it."""


def apply(folder: Path, every_seconds: float) -> StateSaver:
    """Replace ministack's own saving; the caller starts the saver once the saved state is loaded, and stops it."""
    expect(app, "_build_persistence_save_dict")
    expect(app, "save_all", "services")
    expect(persistence, "_state_format_version", "service")
    expect(persistence, "_json_default", "obj")
    app.save_all = _saved_elsewhere
    return StateSaver(folder, every_seconds)
