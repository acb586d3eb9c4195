"""What all functions know of each engine behind a network: its circuit, its latency, its budget of retries.

One item an engine, written as its requests end, so that a failure seen by one function keeps all others away. See
M. Nygard, "Release It!" (circuit breaker); Twitter's Finagle (peak EWMA, retry budget).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import exp
from typing import TYPE_CHECKING, Any

from besunny.aws import clients
from besunny.aws.dynamo import from_item, is_condition_failure, to_attribute, to_item
from besunny.clock import to_iso, utc_now
from besunny.inference.contracts.engine import CircuitState, CircuitView, EngineInfo
from besunny.observability.logs import logger
from besunny.observability.metrics import emit_count
from besunny.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from besunny.inference.contracts.engine_config import EngineSettings

# A latency counts half after 40 s of newer ones, and is half forgotten after 3 minutes of none: so an engine that was
# slow is tried again.
_WINDOW_SECONDS, _FORGETTING_SECONDS = 60.0, 300.0
# One retry for five requests; a quiet engine has a few in hand.
RETRIES_EARNED, MOST_RETRIES = 0.2, 10.0
_KEPT_SECONDS = 7 * 86_400
# After a probe's own time is up, another may probe.
_PROBE_GRACE_SECONDS = 5.0


class RoutingSettings(Settings):
    """Settings of the functions that choose engines.

    Attributes:
        engines_parameter: SSM parameter with the engines document; empty means `embedded` alone.
        routing_table: table of the engines' circuits; needed where there is a document.
    """

    engines_parameter: str = ""
    routing_table: str = ""


@dataclass(frozen=True)
class Circuit:
    """An engine as its item says. Times are seconds since the epoch.

    Attributes:
        failures: requests that failed in a row.
        opened_at: since when it is kept away from; None where it is not.
        probed_until: until when somebody's probe of it may last.
        latency_ms: peak EWMA of its requests; None where none was seen.
        retries: how many retries are in hand, of all functions together.
    """

    failures: int = 0
    opened_at: float | None = None
    probed_until: float = 0.0
    latency_ms: float | None = None
    observed_at: float = 0.0
    retries: float = MOST_RETRIES
    last_failure: str | None = None

    def state(self, now: float, cool_down: float) -> CircuitState:
        """`half_open` means: its cool-down is over, and one request may try it."""
        if self.opened_at is None:
            return "closed"
        return "open" if now < self.opened_at + cool_down or now < self.probed_until else "half_open"

    def expected_ms(self, now: float) -> float:
        """What its next request takes, as far as is known; 0 where nothing is, so that it is tried."""
        if self.latency_ms is None:
            return 0.0
        return self.latency_ms * exp(-max(now - self.observed_at, 0.0) / _FORGETTING_SECONDS)

    def latency_with(self, milliseconds: float, now: float) -> float:
        """The peak EWMA with one request more: a slower one counts at once, a faster one by and by."""
        known = self.latency_ms
        if known is None or milliseconds >= known:
            return milliseconds
        kept = exp(-max(now - self.observed_at, 0.0) / _WINDOW_SECONDS)
        return known * kept + milliseconds * (1 - kept)


class Circuits:
    """The table of circuits. A DynamoDB that fails keeps no engine from answering: it is logged and counted.

    Args:
        client: gives the client; not called where no engine is behind a network.
    """

    def __init__(self, client: Callable[[], DynamoDBClient], table: str) -> None:
        self._client = client
        self._table = table

    def read(self, engines: Sequence[EngineInfo]) -> dict[str, Circuit]:
        """The circuits of these engines by name, read consistently."""
        from botocore.exceptions import BotoCoreError, ClientError

        circuits = {engine.name: Circuit() for engine in engines}
        names = {_key(engine)["pk"]: engine.name for engine in engines}
        wanted: Any = {self._table: {"Keys": [to_item({"pk": key}) for key in names], "ConsistentRead": True}}
        try:
            while wanted and names:
                answer = self._client().batch_get_item(RequestItems=wanted)
                for item in map(from_item, answer["Responses"].get(self._table, [])):
                    circuits[names[item["pk"]]] = _circuit(item)
                wanted = answer.get("UnprocessedKeys")
        except (BotoCoreError, ClientError):
            _unknown("the engines' circuits could not be read; all count as closed")
        return circuits

    def claim_probe(self, engine: EngineInfo, circuit: Circuit, settings: EngineSettings, now: float) -> bool:
        """Whether the caller is the one who may try an engine whose cool-down is over."""
        until = now + settings.timeout_seconds + _PROBE_GRACE_SECONDS
        condition = "opened_at = :seen AND (attribute_not_exists(probed_until) OR probed_until <= :now)"
        values = {":until": until, ":seen": circuit.opened_at, ":now": now}
        return self._update(engine, "SET probed_until = :until", values, condition) is not None

    def succeeded(
        self, engine: EngineInfo, circuit: Circuit, milliseconds: float, now: float, *, probing: bool
    ) -> Circuit:
        """Note a request that was answered; that of a probe closes the circuit."""
        change = (
            "SET failures = :none, latency_ms = :ms, observed_at = :now, expires_at = :expiry, "
            "retries = if_not_exists(retries, :most) + :earned"
        )
        values = {
            ":none": 0,
            ":ms": circuit.latency_with(milliseconds, now),
            ":now": now,
            ":expiry": _expiry(now),
            ":most": MOST_RETRIES,
            # As it was read: a few too many are earned where many end at once.
            ":earned": RETRIES_EARNED if circuit.retries < MOST_RETRIES else 0,
        }
        if probing:
            change += " REMOVE opened_at, probed_until"
            logger().info("circuit closed", extra={"engine": engine.name})
        return self._update(engine, change, values) or circuit

    def failed(
        self,
        engine: EngineInfo,
        circuit: Circuit,
        settings: EngineSettings,
        milliseconds: float,
        now: float,
        *,
        reason: str,
        probing: bool,
    ) -> Circuit:
        """Note a request that failed; so many in a row, or that of a probe, open the circuit for its cool-down."""
        change = (
            "SET latency_ms = :ms, observed_at = :now, expires_at = :expiry, last_failure = :reason, "
            "retries = if_not_exists(retries, :most){} ADD failures :one"
        )
        values: dict[str, Any] = {
            ":ms": circuit.latency_with(milliseconds, now),
            ":now": now,
            ":expiry": _expiry(now),
            ":reason": reason[:300],
            ":most": MOST_RETRIES,
            ":one": 1,
        }
        if probing:
            change = change.format(", opened_at = :now, probed_until = :past")
            return self._update(engine, change, {**values, ":past": 0}) or circuit
        after = self._update(engine, change.format(""), values)
        if after is None or after.opened_at is not None or after.failures < settings.open_after:
            return after or circuit
        opened = self._update(engine, "SET opened_at = :now", {":now": now}, "attribute_not_exists(opened_at)")
        if opened is not None:
            logger().warning("circuit opened", extra={"engine": engine.name, "failures": after.failures})
            emit_count("CircuitsOpened", 1)
        return opened or after

    def take_retry(self, engine: EngineInfo) -> bool:
        """Whether a retry is in hand; it is spent then."""
        change = "SET retries = retries - :one"
        return self._update(engine, change, {":one": 1}, "retries >= :one") is not None

    def _update(
        self, engine: EngineInfo, change: str, values: dict[str, Any], condition: str | None = None
    ) -> Circuit | None:
        """The circuit after a change; None where the condition did not hold, or DynamoDB failed."""
        from botocore.exceptions import BotoCoreError, ClientError

        request: Any = {
            "TableName": self._table,
            "Key": to_item(_key(engine)),
            "UpdateExpression": change,
            "ExpressionAttributeValues": {name: to_attribute(value) for name, value in values.items()},
            **({"ConditionExpression": condition} if condition else {}),
        }
        try:
            answer = self._client().update_item(**request, ReturnValues="ALL_NEW")
        except (BotoCoreError, ClientError) as error:
            if not is_condition_failure(error):
                _unknown("an engine's circuit could not be written")
            return None
        return _circuit(from_item(answer["Attributes"]))


class Watch:
    """One engine's requests for one answer, as its circuit learns of them.

    Attributes:
        requests: how many were sent.

    Args:
        probing: whether this answer is the one that may try an engine whose circuit is open.
        clock: gives the present.
    """

    def __init__(
        self,
        circuits: Circuits,
        engine: EngineInfo,
        settings: EngineSettings,
        circuit: Circuit,
        clock: Callable[[], datetime],
        *,
        probing: bool = False,
    ) -> None:
        self.requests = 0
        self._circuits = circuits
        self._engine = engine
        self._settings = settings
        self._circuit = circuit
        self._clock = clock
        self._probing = probing

    def answered(self, milliseconds: float) -> None:
        """A request got an answer, though it may be of no use."""
        self.requests += 1
        now = self._clock().timestamp()
        self._circuit = self._circuits.succeeded(self._engine, self._circuit, milliseconds, now, probing=self._probing)
        self._probing = False

    def failed(self, milliseconds: float, reason: str) -> None:
        """A request got none, or one that says that no other will."""
        self.requests += 1
        now = self._clock().timestamp()
        self._circuit = self._circuits.failed(
            self._engine, self._circuit, self._settings, milliseconds, now, reason=reason, probing=self._probing
        )

    def may_retry(self) -> bool:
        """Whether a failed request may be sent again: the circuit is closed, and the engine's budget has one left."""
        return self._circuit.opened_at is None and self._circuits.take_retry(self._engine)


def view_of(circuit: Circuit, settings: EngineSettings, now: datetime) -> CircuitView:
    """A circuit as people see it."""
    state = circuit.state(now.timestamp(), settings.cool_down_seconds)
    opened = circuit.opened_at
    return CircuitView(
        state=state,
        failures=circuit.failures,
        since=None if opened is None else _iso(opened),
        next_probe=None if opened is None else _iso(max(opened + settings.cool_down_seconds, circuit.probed_until)),
        latency_ms=None if circuit.latency_ms is None else round(circuit.latency_ms, 3),
        last_failure=circuit.last_failure,
    )


def circuit_views(engines: Sequence[EngineInfo]) -> dict[str, CircuitView]:
    """The circuits of engines of the engines document, by name, as they stand now."""
    from besunny.inference.contracts.engine_config import load_engines

    settings = RoutingSettings.from_environment()
    config, now = load_engines(settings.engines_parameter), utc_now()
    circuits = Circuits(clients.dynamodb, settings.routing_table).read(engines)
    return {name: view_of(circuit, config.engines[name], now) for name, circuit in circuits.items()}


def _iso(seconds: float) -> str:
    return to_iso(datetime.fromtimestamp(seconds, UTC))


def _key(engine: EngineInfo) -> dict[str, str]:
    """An engine that is configured anew is another one, and begins anew."""
    return {"pk": f"{engine.name}#{engine.config_version}"}


def _circuit(item: dict[str, Any]) -> Circuit:
    names = ("failures", "opened_at", "probed_until", "latency_ms", "observed_at", "retries", "last_failure")
    return Circuit(**{name: item[name] for name in names if name in item})


def _expiry(now: float) -> int:
    return int(now) + _KEPT_SECONDS


def _unknown(message: str) -> None:
    logger().exception(message)
    emit_count("CircuitsUnknown", 1)
