"""From the engines document to the engines that may answer a request, in order; nothing is loaded before it is used."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from besunny.errors import EngineFailedError
from besunny.inference.engines.answering import VectorEngine
from besunny.inference.engines.embedded import embedded_engine
from besunny.observability.logs import logger
from besunny.settings import Settings

if TYPE_CHECKING:
    from besunny.inference.contracts.common import ServiceName
    from besunny.inference.contracts.engine import EngineInfo
    from besunny.inference.contracts.engine_config import EngineSettings, OpenAiCompatible
    from besunny.inference.engines.protocol import AnsweringEngine, ChatModel, Deadline
    from besunny.inference.generative.metering import Meter


class InferenceSettings(Settings):
    """Settings of the functions that answer services.

    Attributes:
        engines_parameter: SSM parameter with the engines document; empty means `embedded` alone.
    """

    engines_parameter: str = ""


def engines_for(tenant_id: str, service: ServiceName, *, meter: Meter, deadline: Deadline) -> list[AnsweringEngine]:
    """The engines for one request, first choice first.

    Args:
        meter: counts what they use.
        deadline: of the answer.

    Raises:
        MisconfiguredError: the engines document cannot be read, or names what is wrong in it.
    """
    embedded = VectorEngine(embedded_engine())
    parameter = InferenceSettings.from_environment().engines_parameter
    if not parameter:
        return [embedded]
    from besunny.inference.contracts.engine_config import load_engines

    config = load_engines(parameter)
    make = _remote_encoder if service == "embeddings" else _generative
    return [
        embedded
        if name == embedded.info.name
        else make(config.engines[name], config.info(name, service), embedded, meter, deadline)
        for name in config.names(tenant_id, service)
    ]


def _remote_encoder(
    settings: EngineSettings, info: EngineInfo, _embedded: VectorEngine, meter: Meter, deadline: Deadline
) -> AnsweringEngine:
    from besunny.inference.contracts.engine_config import OpenAiCompatible
    from besunny.inference.engines.remote_encoder import RemoteEncoder

    assert isinstance(settings, OpenAiCompatible)  # as the document was checked
    key = partial(_key, settings)
    encoder = RemoteEncoder(settings, info, key, embedded=embedded_engine(), meter=meter, deadline=deadline)
    return VectorEngine(encoder)


def _generative(
    settings: EngineSettings, info: EngineInfo, embedded: VectorEngine, meter: Meter, _deadline: Deadline
) -> AnsweringEngine:
    from besunny.inference.contracts.engine_config import OpenAiCompatible
    from besunny.inference.generative.asking import Asker
    from besunny.inference.generative.engine import GenerativeEngine

    model: ChatModel
    if isinstance(settings, OpenAiCompatible):
        from besunny.inference.engines.openai_compatible import OpenAiChat

        model = OpenAiChat(settings, partial(_key, settings))
    else:
        from besunny.aws import clients
        from besunny.inference.engines.bedrock import BedrockChat

        model = BedrockChat(settings, partial(clients.bedrock_runtime, settings.region, settings.endpoint_url))
    return GenerativeEngine(embedded, Asker(model, info, settings, meter))


def _key(settings: OpenAiCompatible) -> str | None:
    if settings.api_key_secret is None:
        return None
    from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError

    from besunny.aws.secrets import secret_value

    try:
        return _usable(secret_value(settings.api_key_secret))
    except GetParameterError:
        logger().exception("the engine's key cannot be read")
        raise EngineFailedError("its key cannot be read from Secrets Manager") from None


def _usable(key: str) -> str:
    """The key without the newline that files end with; one that fits into no header is never shown."""
    key = key.strip()
    if not (key.isascii() and key.isprintable()):
        raise EngineFailedError("its key holds characters that no header takes")
    return key
