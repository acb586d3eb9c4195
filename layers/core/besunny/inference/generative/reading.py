"""Reading a source part by part: what was read and paid for stays, though a later part fails."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from besunny.errors import EngineFailedError, EngineUnavailableError
from besunny.observability.logs import logger

Part = TypeVar("Part")
Output = TypeVar("Output")


def read_parts(parts: Sequence[Part], ask: Callable[[Part], Output]) -> tuple[list[tuple[Part, Output]], str | None]:
    """What the engine makes of the parts, in order, and why some are missing (None: none is).

    A part that gave nothing usable is left out. Where tries or time are used up, so are the parts after it.

    Raises:
        EngineUnavailableError, EngineFailedError: as `Asker.ask`, where nothing was read before.
    """
    found: list[tuple[Part, Output]] = []
    reason = ""
    for part in parts:
        try:
            found.append((part, ask(part)))
        except (EngineUnavailableError, EngineFailedError) as error:
            if not found:
                raise
            logger().warning("a part of the source was not read", extra={"reason": str(error)})
            reason = str(error)
            if isinstance(error, EngineUnavailableError):
                break
    missing = len(parts) - len(found)
    return found, f"{missing} of {len(parts)} parts were not read: {reason}" if missing else None
