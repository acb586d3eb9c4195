"""The folder of a trained model, as `besunny.inference.engines.model_files` reads it."""

import hashlib
import json
from pathlib import Path


def write(folder: Path, name: str, content: bytes, described):
    """Write the file of a model and `MODEL.json`, which says what it is and how it was made."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    described["files"] = {name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}}
    (folder / "MODEL.json").write_text(json.dumps(described, indent=2) + "\n")
    print(f"{folder}: {len(content):,} bytes")
