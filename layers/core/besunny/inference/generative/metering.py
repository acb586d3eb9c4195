"""What each call to a metered engine took and cost: into the answer and, as EMF, into CloudWatch."""

import json
import re
from functools import lru_cache
from pathlib import Path

from besunny.inference.contracts.engine import EngineInfo, EngineUsage
from besunny.inference.contracts.engine_config import Price
from besunny.observability.metrics import emit_engine_call

# A cross-region inference profile is named by a geography and the model's id. See "Supported Regions and models for
# inference profiles" in the Amazon Bedrock user guide.
_PROFILE = re.compile(
    r"^(?:arn:[^/]+:(?:foundation-model|inference-profile)/)?(?:(?:us|eu|apac|jp|au|us-gov|ca|global)\.)?"
)


class Meter:
    """Adds up the calls of one answer; made for each."""

    def __init__(self) -> None:
        self.usage = EngineUsage()

    def count(
        self,
        engine: EngineInfo,
        price: Price | None,
        *,
        input_tokens: int | None,
        output_tokens: int | None,
        milliseconds: float,
        failed: bool,
    ) -> None:
        """Count one request.

        Args:
            price: the engine's own; None: that of `pricing.json`.
            input_tokens, output_tokens: None where the server did not say; of a failed request that is usual, and free.
        """
        usd, note = _cost(engine, price, input_tokens, output_tokens, failed=failed)
        used = EngineUsage(
            calls=1,
            input_tokens=input_tokens or 0,
            output_tokens=output_tokens or 0,
            milliseconds=milliseconds,
            usd=usd,
            note=note,
        )
        self.usage = self.usage.plus(used)
        emit_engine_call(
            engine=engine.name,
            input_tokens=used.input_tokens,
            output_tokens=used.output_tokens,
            milliseconds=milliseconds,
            usd=usd,
            failed=failed,
        )


def _cost(
    engine: EngineInfo, price: Price | None, input_tokens: int | None, output_tokens: int | None, *, failed: bool
) -> tuple[float | None, str | None]:
    if failed and input_tokens is None:
        return 0.0, None
    price = price or prices().get(_model_of(engine))
    if price is None:
        return None, f"no price is known for {engine.model}: give the engine a `price`"
    if input_tokens is None or output_tokens is None:
        return None, f"the server of {engine.name} did not say how many tokens it used"
    usd = input_tokens * price.input_per_million + output_tokens * price.output_per_million
    return round(usd / 1e6, 9), None


def _model_of(engine: EngineInfo) -> str:
    """The id that the provider gives the model, of which Bedrock's names for it in a region or geography are made.

    An application inference profile's ARN says nothing of its model, and stays as it is.
    """
    return _PROFILE.sub("", engine.model) if engine.kind == "bedrock" else engine.model


@lru_cache
def prices() -> dict[str, Price]:
    """The prices in `pricing.json`, by the name that the provider gives the model."""
    loaded = json.loads((Path(__file__).parent / "pricing.json").read_text())
    return {name: Price.model_validate(price) for name, price in loaded["models"].items()}
