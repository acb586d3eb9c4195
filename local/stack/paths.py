"""Where the laptop stack keeps what it makes; all of it under `.local/`, which `make clean` deletes."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ROOT / ".local"
LOGS = LOCAL / "logs"
RUNNING = LOCAL / "run"
EMULATOR_LOCK = ROOT / "requirements/emulator.txt"
