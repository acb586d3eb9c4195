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


class PassedOver(BaseModel):
    """An engine that stood before the one that answered, and why it did not.

    Attributes:
        error: `EngineUnavailableError` (another time it may work) or `EngineFailedError` (it will not by itself).
    """

    engine: str
    error: str
    reason: str


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
