"""What an answer says of the engines behind it; apart, since cache keys need it and no other contract."""

from typing import Literal

from pydantic import BaseModel

EngineKind = Literal["embedded", "bedrock", "openai_compatible"]


class EngineInfo(BaseModel):
    """What computed an answer.

    Attributes:
        name: as the engines document calls it; `embedded` is the one that ships.
        version: of the embedded model and rules, which a generative engine's answer stands on too.
        prompt_version: of the prompt; null where no text was generated.
        config_version: digest of the engine's settings as far as they shape answers; null for `embedded`.
    """

    name: str
    model: str
    version: str
    kind: EngineKind = "embedded"
    prompt_version: str | None = None
    config_version: str | None = None


CIRCUIT_OPEN = "CircuitOpenError"
CircuitState = Literal["closed", "open", "half_open"]


class CircuitView(BaseModel):
    """What all functions know of an engine behind a network.

    Attributes:
        state: `open`: nobody asks it; `half_open`: one request may, and decides.
        failures: requests that failed in a row.
        since: when it opened, ISO 8601; null where it is closed.
        next_probe: from when on one request may try it.
        latency_ms: peak EWMA of its requests; null where none was seen.
        last_failure: why its last request that failed did.
    """

    state: CircuitState
    failures: int
    since: str | None
    next_probe: str | None
    latency_ms: float | None
    last_failure: str | None


class PassedOver(BaseModel):
    """An engine that stood before the one that answered, and why it did not.

    Attributes:
        error: `EngineUnavailableError` (another time it may work), `EngineFailedError` (it will not by itself), or
            `CircuitOpenError` (it was not asked).
    """

    engine: str
    error: str
    reason: str


class EngineAttempt(BaseModel):
    """One engine that was asked.

    Attributes:
        outcome: `answered`, or as in `PassedOver.error`.
        requests: sent to it; 0 of the embedded engine.
    """

    engine: str
    outcome: str
    requests: int
    milliseconds: float


class Routing(BaseModel):
    """How the engine came to be chosen.

    Attributes:
        candidates: engines that could be asked, in the order that was decided.
        probe: the one that was asked though its circuit was open, to see whether it works again; null where none was.
        rejected: those that were not asked, and why.
        attempts: those that were asked, in turn.
    """

    candidates: list[str]
    probe: str | None = None
    rejected: list[PassedOver] = []
    attempts: list[EngineAttempt] = []


class EngineUsage(BaseModel):
    """What the calls to metered engines came to, those of engines that were passed over included.

    Attributes:
        calls: requests sent, failed and repeated ones too.
        milliseconds: spent waiting for them.
        usd: at the prices in `pricing.json` or the engine's own `price`; null where one is not known.
        note: why `usd` is null.
    """

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    milliseconds: float = 0.0
    usd: float | None = 0.0
    note: str | None = None

    def plus(self, other: "EngineUsage") -> "EngineUsage":
        """The sum; a cost that is not known stays unknown."""
        known = self.usd is not None and other.usd is not None
        return EngineUsage(
            calls=self.calls + other.calls,
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            milliseconds=round(self.milliseconds + other.milliseconds, 3),
            usd=round((self.usd or 0) + (other.usd or 0), 9) if known else None,
            note=self.note or other.note,
        )


class EngineTries(BaseModel):
    """What engines did for a task that then gave no result."""

    usage: EngineUsage = EngineUsage()
    passed_over: list[PassedOver] = []
