"""From the engines document to the engines that may answer a request, in order; nothing is loaded before it is used."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from besunny.aws import clients
from besunny.clock import Clock, utc_now
from besunny.errors import EngineFailedError
from besunny.inference.engines.answering import VectorEngine
from besunny.inference.engines.attempts import Attempts
from besunny.inference.engines.circuits import Circuits, RoutingSettings, Watch
from besunny.inference.engines.embedded import embedded_engine
from besunny.inference.engines.routing import Route, Sample, route
from besunny.observability.logs import logger

if TYPE_CHECKING:
    from besunny.inference.contracts.common import ServiceName
    from besunny.inference.contracts.engine import EngineInfo
    from besunny.inference.contracts.engine_config import EngineSettings, OpenAiCompatible
    from besunny.inference.engines.protocol import AnsweringEngine, ChatModel, Deadline
    from besunny.inference.engines.remote_encoder import RemoteEncoder
    from besunny.inference.generative.asking import Asker
    from besunny.inference.generative.metering import Meter


@dataclass(frozen=True)
class ChosenEngines:
    """The engines for one answer.

    Attributes:
        engines: first choice first; nothing is loaded before it is used.
        route: why these; None where `embedded` alone is configured.
        watches: of those behind a network, by name.
    """

    engines: list[AnsweringEngine]
    route: Route | None = None
    watches: Mapping[str, Watch] = field(default_factory=dict)


def engines_for(
    tenant_id: str,
    service: ServiceName,
    *,
    meter: Meter,
    deadline: Deadline,
    clock: Clock = utc_now,
    sample: Sample = random.sample,
) -> ChosenEngines:
    """The engines for one request.

    Args:
        meter: counts what they use.
        deadline: of the answer.
        clock: gives the present, for their circuits.
        sample: chooses at random.

    Raises:
        MisconfiguredError: the engines document cannot be read, or names what is wrong in it.
    """
    embedded = VectorEngine(embedded_engine())
    settings = RoutingSettings.from_environment()
    if not settings.engines_parameter:
        return ChosenEngines([embedded])
    from besunny.inference.contracts.engine_config import load_engines

    config = load_engines(settings.engines_parameter)
    places = config.order(tenant_id, service)
    remote = {info.name: info for place in places for info in place if info.name in config.engines}
    circuits = Circuits(clients.dynamodb, settings.routing_table)
    known = circuits.read(list(remote.values()))
    now = clock().timestamp()
    decided = route(
        [[info.name for info in place] for place in places],
        known,
        {name: config.engines[name].cool_down_seconds for name in remote},
        now=now,
        claim=lambda name: circuits.claim_probe(remote[name], known[name], config.engines[name], now),
        sample=sample,
    )
    watches = {
        name: Watch(circuits, info, config.engines[name], known[name], clock, probing=name == decided.probing)
        for name, info in remote.items()
    }
    make = _remote_encoder if service == "embeddings" else _generative

    def engine(name: str) -> AnsweringEngine:
        if name not in remote:
            return embedded
        return make(config.engines[name], remote[name], embedded, meter, deadline, watches[name])

    return ChosenEngines([engine(name) for name in decided.order], decided, watches)


def _remote_encoder(
    settings: EngineSettings, info: EngineInfo, _embedded: VectorEngine, meter: Meter, deadline: Deadline, watch: Watch
) -> AnsweringEngine:
    return VectorEngine(remote_encoder(settings, info, meter, deadline, watch))


def remote_encoder(
    settings: EngineSettings, info: EngineInfo, meter: Meter, deadline: Deadline, watch: Watch
) -> RemoteEncoder:
    """What makes vectors by an engine's server."""
    from besunny.inference.contracts.engine_config import OpenAiCompatible
    from besunny.inference.engines.remote_encoder import RemoteEncoder

    assert isinstance(settings, OpenAiCompatible)  # as the document was checked
    key = partial(_key, settings)
    attempts = partial(Attempts, watch=watch)
    return RemoteEncoder(
        settings, info, key, embedded=embedded_engine(), meter=meter, deadline=deadline, attempts=attempts
    )


def _generative(
    settings: EngineSettings, info: EngineInfo, embedded: VectorEngine, meter: Meter, _deadline: Deadline, watch: Watch
) -> AnsweringEngine:
    from besunny.inference.generative.engine import GenerativeEngine

    return GenerativeEngine(embedded, asker(settings, info, meter, watch))


def asker(settings: EngineSettings, info: EngineInfo, meter: Meter, watch: Watch) -> Asker:
    """What asks a chat model."""
    from besunny.inference.contracts.engine_config import OpenAiCompatible
    from besunny.inference.generative.asking import Asker

    model: ChatModel
    if isinstance(settings, OpenAiCompatible):
        from besunny.inference.engines.openai_compatible import OpenAiChat

        model = OpenAiChat(settings, partial(_key, settings))
    else:
        from besunny.inference.engines.bedrock import BedrockChat

        model = BedrockChat(settings, partial(clients.bedrock_runtime, settings.region, settings.endpoint_url))
    return Asker(model, info, settings, meter, attempts=partial(Attempts, watch=watch))


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
