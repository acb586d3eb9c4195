"""Vectors from a server with OpenAI's embeddings API; chunks are cut by the embedded engine's tokens, as ever."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from besunny.errors import EngineFailedError
from besunny.inference.contracts.engine import EngineInfo
from besunny.inference.contracts.engine_config import OpenAiCompatible
from besunny.inference.engines.attempts import Attempts
from besunny.inference.engines.http_json import post_json
from besunny.inference.engines.openai_compatible import authorization
from besunny.inference.engines.protocol import Deadline, Engine
from besunny.inference.generative.metering import Meter
from besunny.observability.probe import Stopwatch

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

DIMENSIONS = 384
_BATCH = 96


class RemoteEncoder:
    """An encoder behind `/embeddings`.

    Args:
        settings: of the engine; `embedding_model` is set.
        info: of the engine.
        key: gives the API key, or None.
        embedded: counts tokens.
        meter: counts each request.
        deadline: for all of them.
        attempts: makes the tries of one request.
    """

    def __init__(
        self,
        settings: OpenAiCompatible,
        info: EngineInfo,
        key: Callable[[], str | None],
        *,
        embedded: Engine,
        meter: Meter,
        deadline: Deadline,
        attempts: Callable[[int, Deadline], Attempts] = Attempts,
    ) -> None:
        self._settings = settings
        self._info = info
        self._key = key
        self._embedded = embedded
        self._meter = meter
        self._deadline = deadline
        self._attempts = attempts

    @property
    def info(self) -> EngineInfo:
        """Name and model."""
        return self._info

    def embed(self, texts: Sequence[str]) -> "NDArray[float32]":
        """The vectors of `texts`, float32[n, 384], brought to L2 norm 1.

        Raises:
            EngineUnavailableError: the server did not answer in time.
            EngineFailedError: it refused, or gives another number of dimensions.
        """
        import numpy as np

        rows: list[Any] = []
        for start in range(0, len(texts), _BATCH):
            rows += self.rows(list(texts[start : start + _BATCH]))
        vectors = np.asarray(rows, dtype=np.float32).reshape(len(texts), DIMENSIONS)
        if not np.isfinite(vectors).all():
            raise EngineFailedError("the server's vectors hold what is no number")
        return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12), dtype=np.float32)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """By the embedded engine's tokens."""
        return self._embedded.count_tokens(texts)

    def token_ends(self, text: str) -> list[int]:
        """By the embedded engine's tokens."""
        return self._embedded.token_ends(text)

    def rows(self, texts: list[str]) -> list[Any]:
        """One request: the vectors of up to 96 texts as the server gave them, lists of float; raises as `embed`."""
        body = {"model": self._settings.embedding_model, "input": texts, "dimensions": DIMENSIONS}
        answer = self._attempts(self._settings.attempts, self._deadline).run(lambda: self._once(body))
        try:
            ordered = sorted(answer["data"], key=lambda one: one["index"])
            rows = [[float(value) for value in one["embedding"]] for one in ordered]
        except (KeyError, TypeError, ValueError):
            raise EngineFailedError("the server's answer has not the form of embeddings") from None
        if len(rows) != len(texts):
            raise EngineFailedError(f"the server gave {len(rows)} vectors for {len(texts)} texts")
        wrong = next((len(row) for row in rows if len(row) != DIMENSIONS), None)
        if wrong is not None:
            raise EngineFailedError(
                f"{self._settings.embedding_model} gives {wrong} dimensions, and {DIMENSIONS} are needed: configure an "
                "`embedding_model` that has them, or `embeddings: [embedded]`"
            )
        return rows

    def _once(self, body: dict[str, Any]) -> Any:
        watch = Stopwatch()
        answer = None
        try:
            answer = post_json(
                f"{self._settings.base_url}/embeddings",
                body,
                headers=authorization(self._key()),
                seconds=self._settings.timeout_seconds,
                deadline=self._deadline,
            )
        finally:
            usage = answer.get("usage") if isinstance(answer, dict) else None
            tokens = usage.get("prompt_tokens") if isinstance(usage, dict) else None
            self._meter.count(
                self._info,
                self._settings.price,
                input_tokens=tokens if isinstance(tokens, int) else None,
                output_tokens=0,
                milliseconds=watch.elapsed_ms(),
                failed=answer is None,
            )
        return answer
