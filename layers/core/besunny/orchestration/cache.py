"""The result cache: the same work of the same tenant within the hour is answered from what was stored.

While the work is in flight its entry names who does it, so that one read says: answered, in flight, or free.
"""

from datetime import datetime
from hashlib import sha256
from typing import Any

from pydantic import BaseModel

from besunny.clock import to_epoch
from besunny.orchestration.documents import encode
from besunny.orchestration.records import ResultSource, WorkflowRecord
from besunny.orchestration.table import Table, Write, put

LIFE_SECONDS = 3600
# Work that takes longer is no longer joined by what comes then; what has joined it stays.
_IN_FLIGHT_SECONDS = 86_400


class CachedWork(BaseModel):
    """What a completed workflow left for the next that asks the same."""

    sources: dict[str, ResultSource]
    engines: dict[str, dict[str, Any]]
    combined: ResultSource | None = None
    records_expire_at: int


class InFlight(BaseModel):
    """Somebody was to do the work; whether it has ended without an answer worth keeping, its record says."""

    leader: str


def cache_key(
    *,
    tenant_id: str,
    workflow_type: str,
    input_text: str,
    services: list[str],
    engine: str,
    taught: int,
    config_version: str,
) -> str:
    """Hash of everything that an answer depends on.

    Args:
        input_text: the input as JSON with sorted keys.
        taught: how often the tenant's corrections have changed, where the answer follows them.
        engine: what would compute it, in order: names, models, versions of rules, prompts and settings.
    """
    parts = [tenant_id, workflow_type, sorted(services), engine, taught, config_version, input_text]
    return sha256(encode(parts).encode(errors="surrogatepass")).hexdigest()


class Cache:
    """The cache table."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def find(self, key: str, *, now: datetime) -> CachedWork | InFlight | None:
        """What stands under a key and has not expired (DynamoDB removes expired items late)."""
        item = self.table.get({"pk": key})
        if item is None or item["expires_at"] <= to_epoch(now):
            return None
        return InFlight.model_validate(item) if "leader" in item else CachedWork.model_validate(item)

    def lead(self, record: WorkflowRecord, *, now: datetime, instead_of: str | None) -> Write:
        """The write that says who does the work; refused where it is answered, or another than `instead_of` does it."""
        item = {"pk": record.cache_key, "leader": record.workflow_id, "expires_at": to_epoch(now) + _IN_FLIGHT_SECONDS}
        before = None if instead_of is None else ("leader", instead_of)
        return put(self.table, item, unless_live_at=to_epoch(now), or_instead_of=before)

    def keep(self, record: WorkflowRecord, *, now: datetime) -> list[Write]:
        """The write that caches a completed workflow; none where it may not be cached."""
        if record.cache_key is None:
            return []
        work = CachedWork(
            sources=record.sources,
            engines=record.engines,
            combined=record.combined,
            records_expire_at=record.expires_at,
        )
        item = {"pk": record.cache_key, **work.model_dump(mode="json"), "expires_at": to_epoch(now) + LIFE_SECONDS}
        return [put(self.table, item)]
