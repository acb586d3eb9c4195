"""What every engine offers to the services."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from besunny.inference.contracts.engine import EngineInfo

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray


class Engine(Protocol):
    """A model that turns texts into vectors."""

    @property
    def info(self) -> EngineInfo:
        """Name, model and version, as answers and cache keys carry them."""

    def embed(self, texts: Sequence[str]) -> "NDArray[float32]":
        """The vectors of `texts`, float32[n, 384], each of L2 norm 1; a text of any length is read whole."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """How many tokens of the model each text has, without the special ones."""

    def token_ends(self, text: str) -> list[int]:
        """The character at which each token of `text` ends, ascending."""
