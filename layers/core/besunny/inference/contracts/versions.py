"""Which engine answers, known without loading it: cache keys need it where no model is installed."""

from besunny.inference.contracts.engine import EngineInfo

MODEL_VERSION = "1"
# Counts up whenever the rules of a service change so that the same input may get another answer.
_RULES_VERSION = "1"
EMBEDDED = EngineInfo(name="embedded", model="all-minilm-l6-v2-int8", version=f"{MODEL_VERSION}.{_RULES_VERSION}")


def engine_version() -> EngineInfo:
    """The engine that answers by default."""
    return EMBEDDED
