"""What engines offer: all of them answer services; beneath, an encoder makes vectors and a chat model makes text."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol

from besunny.inference.contracts.engine import EngineInfo

if TYPE_CHECKING:
    from datetime import datetime

    from numpy import float32
    from numpy.typing import NDArray

    from besunny.inference.contracts.common import Answer, ServiceName


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


@dataclass(frozen=True)
class Deadline:
    """A moment by which an answer must be there, while it is wanted.

    Attributes:
        at: by `clock`, in seconds.
        clock: monotonic.
        wanted: whether the answer is still awaited; asked before each request to an engine behind a network.
    """

    at: float
    clock: Callable[[], float] = field(default=monotonic, repr=False)
    wanted: Callable[[], bool] = field(default=lambda: True, repr=False)

    @classmethod
    def within(
        cls, seconds: float, clock: Callable[[], float] = monotonic, *, wanted: Callable[[], bool] = lambda: True
    ) -> "Deadline":
        """The moment so many seconds from now."""
        return cls(clock() + seconds, clock, wanted)

    def remaining(self) -> float:
        """Seconds until then; not above 0 where it has passed."""
        return self.at - self.clock()


class RequestWatch(Protocol):
    """Learns what became of each request to an engine behind a network."""

    def answered(self, milliseconds: float) -> None:
        """It got an answer, though it may be of no use."""

    def failed(self, milliseconds: float, reason: str) -> None:
        """It got none, or one that says that no other will."""

    def may_retry(self) -> bool:
        """Whether one that failed may be sent again."""


class Unwatched:
    """Where nobody keeps a circuit."""

    def answered(self, milliseconds: float) -> None:
        """Nothing follows."""

    def failed(self, milliseconds: float, reason: str) -> None:
        """Nothing follows."""

    def may_retry(self) -> bool:
        """Always."""
        return True


class AnsweringEngine(Protocol):
    """Any of `embedded`, `bedrock` and `openai_compatible`: the same request gives the same form of answer."""

    @property
    def info(self) -> EngineInfo:
        """What it is to the service that it was made for."""

    def answer(self, service: "ServiceName", request: Any, *, now: "datetime", deadline: Deadline) -> "Answer":
        """The service's answer.

        Raises:
            EngineUnavailableError: it did not answer in time, or was too busy.
            EngineFailedError: it refused, or gave nothing usable.
        """


@dataclass(frozen=True)
class Completion:
    """One answer of a chat model.

    Attributes:
        data: the JSON object that it gave, decoded but not checked; None where it gave none.
        cut_off: whether it ran into its limit of output.
        input_tokens, output_tokens: as the server counted; None where it did not say.
        withheld: why the model or its provider would not answer; None where it did.
    """

    data: Any
    cut_off: bool
    input_tokens: int | None
    output_tokens: int | None
    withheld: str | None = None


@dataclass(frozen=True)
class ChatRequest:
    """What a chat model is asked: instructions, turns of `(role, text)`, and the JSON schema of the answer."""

    system: str
    turns: tuple[tuple[str, str], ...]
    schema_name: str
    schema: dict[str, Any]


class ChatModel(Protocol):
    """A generative model behind a network; each call is one request, and no call retries."""

    def complete(self, request: ChatRequest, *, deadline: Deadline) -> Completion:
        """Ask once.

        Raises:
            TryAgainError: another try may work.
            EngineFailedError: no other try will.
        """
