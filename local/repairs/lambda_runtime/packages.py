"""Function code and layers unpacked once a content, and shared by every environment that runs them.

On AWS the code is at /var/task and the layers, merged in order, at /opt; both are read-only.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tempfile
import threading
import zipfile
from collections.abc import Sequence
from pathlib import Path

KEPT = 12
_lock = threading.Lock()


def unpack(folder: Path, archives: Sequence[bytes]) -> Path:
    """The folder under `folder` that holds these zip archives, unpacked over one another in order."""
    target = folder / _content(archives)
    with _lock:
        if not target.exists():
            folder.mkdir(parents=True, exist_ok=True)
            partial = Path(tempfile.mkdtemp(dir=folder, prefix=".partial-"))
            for archive in archives:
                _extract(archive, partial)
            partial.chmod(0o755)
            partial.rename(target)
        os.utime(target)
    return target


def _content(archives: Sequence[bytes]) -> str:
    """Names the content by the archives' directories, which hold a checksum a file: cheaper than reading 100 MB."""
    digest = hashlib.sha256()
    for archive in archives:
        with zipfile.ZipFile(io.BytesIO(archive)) as package:
            for entry in package.infolist():
                digest.update(f"{entry.filename}\0{entry.CRC}\0{entry.file_size}\0{entry.external_attr}\0".encode())
        digest.update(b"\1")
    return digest.hexdigest()[:32]


def _extract(archive: bytes, target: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(archive)) as package:
        for entry in package.infolist():
            path = Path(package.extract(entry, target))
            mode = (entry.external_attr >> 16) & 0o777
            if mode and not entry.is_dir():
                path.chmod(mode | 0o600)


def prune(folder: Path, keep: int = KEPT) -> None:
    """Drop all but the most recently used; only safe while no environment runs."""
    if not folder.is_dir():
        return
    unpacked = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    complete = [path for path in unpacked if not path.name.startswith(".partial-")]
    for path in set(unpacked) - set(complete[:keep]):
        shutil.rmtree(path)
