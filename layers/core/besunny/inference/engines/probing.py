"""The scheduled probe: an engine that all keep away from is tried, though nobody asks for it."""

from __future__ import annotations

from besunny.aws import clients
from besunny.clock import Clock
from besunny.errors import EngineFailedError, EngineUnavailableError
from besunny.inference.contracts.engine import EngineInfo
from besunny.inference.contracts.engine_config import EngineConfig, load_engines
from besunny.inference.engines.attempts import Attempts
from besunny.inference.engines.chosen import asker, remote_encoder
from besunny.inference.engines.circuits import Circuits, RoutingSettings, Watch
from besunny.inference.engines.protocol import ChatRequest, Deadline
from besunny.inference.generative.metering import Meter
from besunny.observability.logs import logger

_SCHEMA = {
    "type": "object",
    "properties": {"ok": {"type": "boolean"}},
    "required": ["ok"],
    "additionalProperties": False,
}
_QUESTION = ChatRequest("Answer in the form that is asked for.", (("user", "Say that you are ok."),), "probe", _SCHEMA)


def probe_engines(settings: RoutingSettings, clock: Clock, *, seconds: float) -> dict[str, str]:
    """Send one small request to each engine whose circuit is open and whose cool-down is over.

    Args:
        seconds: for all of them.

    Returns:
        What became of each that was probed: `answered`, or why not.
    """
    if not settings.engines_parameter:
        return {}
    config = load_engines(settings.engines_parameter)
    engines = {name: config.info(name, service_of(config, name)) for name in config.engines}
    circuits, deadline = Circuits(clients.dynamodb, settings.routing_table), Deadline.within(seconds)
    found: dict[str, str] = {}
    for name, circuit in circuits.read(list(engines.values())).items():
        now, of_engine = clock().timestamp(), config.engines[name]
        if circuit.state(now, of_engine.cool_down_seconds) != "half_open":
            continue
        if circuits.claim_probe(engines[name], circuit, of_engine, now):
            watch = Watch(circuits, engines[name], of_engine, circuit, clock, probing=True)
            found[name] = _probe(config, engines[name], watch, deadline)
            logger().info("engine probed", extra={"engine": name, "outcome": found[name]})
    return found


def service_of(config: EngineConfig, name: str) -> str:
    """A service that an engine answers; `embeddings` where it answers no other."""
    orders = [config.default, *config.tenants.values()]
    services = {
        str(service) for order in orders for service, places in order.items() if any(name in place for place in places)
    }
    return min(services - {"embeddings"}, default="embeddings" if services else "classification")


def _probe(config: EngineConfig, engine: EngineInfo, watch: Watch, deadline: Deadline) -> str:
    settings, meter = config.engines[engine.name], Meter()
    try:
        if service_of(config, engine.name) == "embeddings":
            remote_encoder(settings, engine, meter, deadline, watch).rows(["ok"])
        else:
            asks = asker(settings, engine, meter, watch)
            Attempts(settings.attempts, deadline, watch=watch).run(lambda: asks.once(_QUESTION, deadline))
    except (EngineFailedError, EngineUnavailableError) as error:
        return str(error)
    return "answered"
