"""State outlives the emulator however it ends: what changed is saved every few seconds, and once more at a clean stop.

Stock ministack saves at a clean stop only, loses a service's state when it changes while it is being copied, and goes
on without what it cannot read.
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

from local.repairs.blobs import LARGE_BYTES, Blobs
from local.repairs.pins import expect

logger = logging.getLogger("state")
ATTEMPTS = 20
# At most this share of the time goes into saving, however much state there is.
DUTY = 0.1


class StateDamaged(RuntimeError):
    """Saved state cannot be read. Going on without it would overwrite it."""


class StateSaver:
    """Writes each service's state to a file of its own, whole or not at all, and only when it changed."""

    def __init__(self, folder: Path, every_seconds: float, blobs: Blobs) -> None:
        self._folder = folder
        self._every = every_seconds
        self._blobs = blobs
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
            try:
                copies = {service: self._copy(read, service) for service, read in services}
            except RuntimeError as problem:
                logger.error("the state kept changing and was not saved: %s", problem)
                return
            texts = {service: text for service, text in copies.items() if text is not None}
            for service, text in texts.items():
                self._write(service, text)
            self._blobs.keep_only(lambda name: any(name.encode() in text for text in texts.values()))

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

    def _copy(self, read: Callable[[], Any], service: str) -> bytes | None:
        """The service's state as JSON; None where it has none. Raises RuntimeError if it changes at each attempt."""
        attempt = 0
        while True:
            try:
                state = read()
                version = persistence._state_format_version(service)
                document = {"__ministack_format__": version, "payload": state}
                return None if state is None else json.dumps(document, default=self._encode).encode()
            except RuntimeError:
                # "dictionary changed size during iteration": a request came in between.
                attempt += 1
                if attempt == ATTEMPTS:
                    raise
                time.sleep(0.01 * attempt)

    def _encode(self, value: Any) -> Any:
        if isinstance(value, bytes) and len(value) > LARGE_BYTES:
            return self._blobs.reference(value)
        return persistence._json_default(value)

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


def _load(folder: Path) -> None:
    for service, module in app._state_map.items():
        path = folder / f"{service}.json"
        if path.exists():
            try:
                document = json.loads(path.read_bytes(), object_hook=persistence._json_object_hook)
                app._get_module(module).load_persisted_state(document["payload"])
            except (ValueError, KeyError, TypeError, AttributeError, OSError) as problem:
                raise StateDamaged(f"{path} cannot be read ({problem!r}): restore it, or delete {folder}") from problem


def _saved_elsewhere(_: dict[str, Callable[[], Any]]) -> None:
    """ministack's own save at shutdown: `StateSaver.stop` does it."""


def apply(folder: Path, every_seconds: float) -> StateSaver:
    """Replace ministack's own saving; the caller starts the saver once the saved state is loaded, and stops it."""
    expect(app, "_build_persistence_save_dict")
    expect(app, "save_all", "services")
    expect(persistence, "_state_format_version", "service")
    expect(persistence, "_json_default", "obj")
    decode = expect(persistence, "_json_object_hook", "obj")
    blobs = Blobs(folder / "blobs")
    expect(app, "_load_persisted_state")
    expect(app, "_get_module", "name")
    expect(app, "_state_map")
    app.save_all = _saved_elsewhere
    app._load_persisted_state = lambda: _load(folder)
    persistence._json_object_hook = lambda obj: blobs.read(obj) if blobs.refers(obj) else decode(obj)
    return StateSaver(folder, every_seconds, blobs)
