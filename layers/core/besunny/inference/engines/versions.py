"""Which engine answers, known without loading it: cache keys need it where no model is installed."""

from besunny.inference.contracts.common import EngineInfo

# The version counts up whenever the same input may get another answer: a new model file, or new rules of a service.
EMBEDDED = EngineInfo(name="embedded", model="all-minilm-l6-v2-int8", version="1")


def engine_version() -> EngineInfo:
    """The engine that answers by default."""
    return EMBEDDED
