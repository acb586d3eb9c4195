"""Large bytes of the saved state (the archives of layers) in files of their own, written once."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

LARGE_BYTES = 65_536
_FIELD = "__blob__"


class Blobs:
    """Gives JSON a reference for large bytes, and the bytes back for the reference."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # The bytes are kept with their name, so that an id stays theirs; they are alive in ministack anyway.
        self._named: dict[int, tuple[bytes, str]] = {}

    def reference(self, value: bytes) -> dict[str, str]:
        """What stands for the bytes; they are in the folder by then."""
        known = self._named.get(id(value))
        if known is None:
            known = self._named[id(value)] = (value, hashlib.sha256(value).hexdigest())
            self._store(*known)
        return {_FIELD: known[1]}

    def refers(self, document: dict[str, Any]) -> bool:
        """Whether the document stands for bytes."""
        return document.keys() == {_FIELD}

    def read(self, document: dict[str, str]) -> bytes:
        """The bytes that the document stands for."""
        return self._folder.joinpath(document[_FIELD]).read_bytes()

    def keep_only(self, is_used: Callable[[str], bool]) -> None:
        """Delete what nothing refers to any more."""
        if self._folder.is_dir():
            for path in self._folder.iterdir():
                if not is_used(path.name):
                    path.unlink()
        self._named = {key: known for key, known in self._named.items() if is_used(known[1])}

    def _store(self, value: bytes, name: str) -> None:
        path = self._folder / name
        if not path.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            partial = path.with_suffix(".partial")
            with partial.open("wb") as file:
                file.write(value)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
