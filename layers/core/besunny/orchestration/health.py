"""GET /services/health: measured from what the services' executions came to in the last two hours."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from besunny.inference.contracts.versions import engine_order
from besunny.orchestration.catalogue import SERVICE_OF
from besunny.orchestration.parts import Parts
from besunny.orchestration.store import Outcomes

DEGRADED_SHARE, DOWN_SHARE = 0.05, 0.5


class ServiceHealth(BaseModel):
    """A service's state.

    Attributes:
        status: `down` from half of its executions failing, `degraded` from 5 percent; `unknown` where none ran.
        response_time_ms: mean of the executions that succeeded; null where none did.
        last_check: when the last one ended, ISO 8601.
        capacity_available: whether a workflow of the caller's would start at once.
        error_share: 0 to 1.
        engine: the caller's first choice.
    """

    status: Literal["healthy", "degraded", "down", "unknown"]
    response_time_ms: float | None
    last_check: str | None
    capacity_available: bool
    executions: int
    error_share: float | None
    engine: str


class ServicesHealth(BaseModel):
    """All services, and the capacity that they share."""

    success: bool = True
    services: dict[str, ServiceHealth]
    running: int
    limit: int


def services_health(parts: Parts, tenant_id: str, *, now: datetime) -> ServicesHealth:
    """The services' health as this tenant meets it."""
    taken = parts.leases.taken()
    room = parts.leases.free(tenant_id, taken=taken, spread=0) is not None
    parameter = parts.engines_parameter
    services = {
        service: _health(
            parts.store.outcomes(service, now=now), room, engine_order(parameter, tenant_id, service)[0].name
        )
        for service in SERVICE_OF.values()
    }
    return ServicesHealth(services=services, running=len(taken), limit=parts.leases.limits.in_all)


def _health(outcomes: Outcomes, room: bool, engine: str) -> ServiceHealth:
    share = outcomes.errors / outcomes.count if outcomes.count else None
    return ServiceHealth(
        status=_status(share),
        response_time_ms=None if outcomes.mean_ms is None else round(outcomes.mean_ms, 3),
        last_check=outcomes.last_at,
        capacity_available=room,
        executions=outcomes.count,
        error_share=share,
        engine=engine,
    )


def _status(share: float | None) -> Literal["healthy", "degraded", "down", "unknown"]:
    if share is None:
        return "unknown"
    if share >= DOWN_SHARE:
        return "down"
    return "degraded" if share >= DEGRADED_SHARE else "healthy"
