"""GET /services/health: measured from what the services' executions came to in the last two hours."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from besunny.inference.contracts.engine import CircuitView, EngineInfo
from besunny.inference.contracts.versions import EMBEDDED, engine_order
from besunny.orchestration.catalogue import SERVICE_OF
from besunny.orchestration.parts import Parts
from besunny.orchestration.store import Outcomes

DEGRADED_SHARE, DOWN_SHARE = 0.05, 0.5


State = Literal["healthy", "degraded", "down", "unknown"]


class EngineHealth(BaseModel):
    """The state of an engine behind a network, from what workflows asked of it, those of other tenants included.

    Attributes:
        status: `down` from half of the times that it gave no answer or while its circuit is open, `degraded` from 5
            percent.
        last_failure: why it was passed over last; null where it was not.
    """

    name: str
    status: State
    asked: int
    error_share: float | None
    last_failure: str | None
    circuit: CircuitView


class ServiceHealth(BaseModel):
    """A service's state.

    Attributes:
        status: `down` from half of its executions failing, `degraded` from 5 percent or where the first engine is not
            healthy and another answers for it; `unknown` where none ran.
        response_time_ms: mean of the executions that succeeded; null where none did.
        last_check: when the last one ended, ISO 8601.
        capacity_available: whether a workflow of the caller's would start at once.
        error_share: 0 to 1.
        engine: the caller's first choice.
        first_engine: its state; null where it is the embedded one, which is the service itself.
        engines: the state of all of the caller's that are behind a network, in order.
    """

    status: State
    response_time_ms: float | None
    last_check: str | None
    capacity_available: bool
    executions: int
    error_share: float | None
    engine: str
    first_engine: EngineHealth | None = None
    engines: list[EngineHealth] = []


class ServicesHealth(BaseModel):
    """All services, and the capacity that they share."""

    success: bool = True
    services: dict[str, ServiceHealth]
    running: int
    limit: int


Circuits = Callable[[Sequence[EngineInfo]], Mapping[str, CircuitView]]
"""Gives the circuits of engines by name."""


def services_health(parts: Parts, tenant_id: str, *, circuits: Circuits, now: datetime) -> ServicesHealth:
    """The services' health as this tenant meets it.

    Args:
        circuits: of engines behind a network; called where there are any.
    """
    taken = parts.leases.taken()
    room = parts.leases.free(tenant_id, taken=taken, spread=0) is not None
    services = {}
    for service in SERVICE_OF.values():
        order = [engine for place in engine_order(parts.engines_parameter, tenant_id, service) for engine in place]
        remote = [engine for engine in order if engine.kind != EMBEDDED.kind]
        known = circuits(remote) if remote else {}
        engines = [
            _of_engine(one.name, parts.store.engine_outcomes(service, one.name, now=now), known[one.name])
            for one in remote
        ]
        services[service] = _health(parts.store.outcomes(service, now=now), room, order[0].name, engines)
    return ServicesHealth(services=services, running=len(taken), limit=parts.leases.limits.in_all)


def _of_engine(name: str, outcomes: Outcomes, circuit: CircuitView) -> EngineHealth:
    share = outcomes.error_share
    return EngineHealth(
        name=name,
        status=_status(share) if circuit.state == "closed" else "down",
        asked=outcomes.count,
        error_share=share,
        last_failure=outcomes.last_failure or circuit.last_failure,
        circuit=circuit,
    )


def _health(outcomes: Outcomes, room: bool, name: str, engines: list[EngineHealth]) -> ServiceHealth:
    share = outcomes.error_share
    status = _status(share)
    engine = next((one for one in engines if one.name == name), None)
    if status == "healthy" and engine is not None and engine.status in ("degraded", "down"):
        status = "degraded"
    return ServiceHealth(
        status=status,
        response_time_ms=None if outcomes.mean_ms is None else round(outcomes.mean_ms, 3),
        last_check=outcomes.last_at,
        capacity_available=room,
        executions=outcomes.count,
        error_share=share,
        engine=name,
        first_engine=engine,
        engines=engines,
    )


def _status(share: float | None) -> State:
    if share is None:
        return "unknown"
    if share >= DOWN_SHARE:
        return "down"
    return "degraded" if share >= DEGRADED_SHARE else "healthy"
