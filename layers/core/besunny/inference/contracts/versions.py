"""Which engines answer, known without loading any: cache keys need it where no model is installed."""

from besunny.inference.contracts.engine import EngineInfo

MODEL_VERSION = "1"
# Counts up whenever the rules of a service change so that the same input may get another answer.
_RULES_VERSION = "2"
EMBEDDED = EngineInfo(name="embedded", model="all-minilm-l6-v2-int8", version=f"{MODEL_VERSION}.{_RULES_VERSION}")
# Of `inference/generative/prompts/{service}.v{version}.txt`; a service without one is not generative.
PROMPT_VERSIONS = {"classification": "1", "meeting_intelligence": "1", "project_onboarding": "1"}


def engine_order(parameter: str, tenant_id: str, service: str) -> list[list[EngineInfo]]:
    """The engines that may answer a tenant's request to a service, first choice first; equals share a place.

    Args:
        parameter: name of the SSM parameter that holds the engines document; empty means `embedded` alone.

    Raises:
        MisconfiguredError: the document cannot be read, or names what is wrong in it.
    """
    if not parameter:
        return [[EMBEDDED]]
    from besunny.inference.contracts.engine_config import load_engines

    return load_engines(parameter).order(tenant_id, service)
