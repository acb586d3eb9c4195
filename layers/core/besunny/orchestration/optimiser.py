"""POST /workflows/optimize: advice from the tenant's stored workflows, each with the figures that it rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import median

from pydantic import BaseModel, Field

from besunny.clock import from_iso
from besunny.orchestration import keys
from besunny.orchestration.costs import cost_of
from besunny.orchestration.parts import Parts
from besunny.orchestration.records import Priority, Status, WorkflowRecord
from besunny.request_body import RequestBody

_FEW = 5


class OptimizeRequest(RequestBody):
    """How far back to look."""

    last: int = Field(default=200, ge=1, le=1000, description="workflows to look at, newest first")


class TypeFigures(BaseModel):
    """A type's workflows in the history.

    Attributes:
        wait_ms: median time from creation to start.
        duration_ms: median time from start to end.
    """

    workflow_type: str
    count: int
    failed: int
    cached: int
    joined: int
    repeated: int
    wait_ms: float | None
    duration_ms: float | None
    usd: float


class WorkflowRecommendation(BaseModel):
    """One advice.

    Attributes:
        evidence: the figures that led to it.
        expected_effect: what should change in them.
    """

    workflow_type: str | None
    recommendation: str
    evidence: dict[str, float]
    expected_effect: str


class OptimizeReport(BaseModel):
    """Advice, and all figures that were looked at; no advice where nothing calls for one."""

    success: bool = True
    workflows_examined: int
    types: list[TypeFigures]
    recommendations: list[WorkflowRecommendation]


def optimize_workflows(parts: Parts, tenant_id: str, request: OptimizeRequest) -> OptimizeReport:
    """Advice for a tenant."""
    records = _history(parts, tenant_id, request.last)
    types = [_figures(kind, records) for kind in sorted({str(record.workflow_type) for record in records})]
    advice = [found for figures in types for found in _advice(figures)] + _advice_on_priorities(records)
    return OptimizeReport(workflows_examined=len(records), types=types, recommendations=advice)


def _history(parts: Parts, tenant_id: str, last: int) -> list[WorkflowRecord]:
    records: list[WorkflowRecord] = []
    start = None
    while len(records) < last:
        limit = min(100, last - len(records))
        page, start = parts.store.page_of_list(keys.tenant_list(tenant_id), limit=limit, start=start)
        records += page
        if start is None:
            break
    return records


def _figures(kind: str, records: Sequence[WorkflowRecord]) -> TypeFigures:
    own = [record for record in records if record.workflow_type == kind]
    computed = [record for record in own if not record.cached and record.joined_to is None]
    keys_seen = Counter(record.cache_key for record in computed if record.cache_key)
    waits = [_between(record.created_at, record.started_at) for record in computed if record.started_at]
    durations = [
        _between(record.started_at, record.finished_at)
        for record in computed
        if record.started_at and record.finished_at
    ]
    return TypeFigures(
        workflow_type=kind,
        count=len(own),
        failed=sum(record.status in (Status.FAILED, Status.TIMED_OUT) for record in own),
        cached=sum(record.cached for record in own),
        joined=sum(record.joined_to is not None for record in own),
        repeated=sum(number - 1 for number in keys_seen.values()),
        wait_ms=median(waits) if waits else None,
        duration_ms=median(durations) if durations else None,
        usd=round(sum(cost_of(record.usage).usd for record in own), 9),
    )


def _between(first: str | None, second: str | None) -> float:
    return (from_iso(str(second)) - from_iso(str(first))).total_seconds() * 1000


def _advice(figures: TypeFigures) -> list[WorkflowRecommendation]:
    if figures.count < _FEW:
        return []
    found = []
    if figures.failed / figures.count >= 0.05:
        found.append(
            WorkflowRecommendation(
                workflow_type=figures.workflow_type,
                recommendation="Look at the errors of the failed ones and rerun them; a rerun repeats only what failed",
                evidence={"failed": figures.failed, "count": figures.count},
                expected_effect=f"up to {figures.failed} more of {figures.count} with a result",
            )
        )
    if figures.repeated:
        found.append(
            WorkflowRecommendation(
                workflow_type=figures.workflow_type,
                recommendation="The same input was computed again after the cache's hour: keep the results",
                evidence={"repeated": figures.repeated, "cached": figures.cached, "count": figures.count},
                expected_effect=f"{figures.repeated} of {figures.count} executions less",
            )
        )
    if figures.wait_ms and figures.duration_ms and figures.wait_ms > figures.duration_ms:
        found.append(
            WorkflowRecommendation(
                workflow_type=figures.workflow_type,
                recommendation="Work waits longer than it runs: send it as a batch, or raise TenantLimit",
                evidence={"wait_ms": figures.wait_ms, "duration_ms": figures.duration_ms},
                expected_effect="waiting falls below the running time",
            )
        )
    return found


def _advice_on_priorities(records: Sequence[WorkflowRecord]) -> list[WorkflowRecommendation]:
    hurried = sum(record.priority in (Priority.URGENT, Priority.HIGH) for record in records)
    if len(records) < _FEW or hurried / len(records) < 0.5:
        return []
    return [
        WorkflowRecommendation(
            workflow_type=None,
            recommendation="Most work is high or urgent, so priority no longer orders it; keep these for few",
            evidence={"high_or_urgent": hurried, "count": len(records)},
            expected_effect="urgent work starts before the rest again",
        )
    ]
