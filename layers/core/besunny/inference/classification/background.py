"""What arrives in everybody's mailbox and belongs to no project: bills, offers, reminders, family."""

import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from besunny.inference.classification.reading import Reading
from besunny.inference.classification.remembered import remembered
from besunny.inference.engines.protocol import Engine

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray


def background_nearness(reading: Reading, engine: Engine) -> float:
    """The cosine of a document with the kind of everyday post that it is most like."""
    return float((_rows(engine) @ reading.centre).max())


def _rows(engine: Engine) -> "NDArray[float32]":
    return remembered(_texts(), engine)


@lru_cache
def _texts() -> tuple[str, ...]:
    return tuple(json.loads(Path(__file__).with_name("background.json").read_text(encoding="utf-8")))
