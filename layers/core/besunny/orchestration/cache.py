"""The result cache: the same work of the same tenant within the hour is answered from what was stored."""

from datetime import datetime
from hashlib import sha256
from typing import Any

from pydantic import BaseModel

from besunny.clock import to_epoch
from besunny.orchestration.documents import encode
from besunny.orchestration.records import ResultSource, WorkflowRecord
from besunny.orchestration.table import Table, Write, put

LIFE_SECONDS = 3600


class CachedWork(BaseModel):
    """What a completed workflow left for the next that asks the same."""

    sources: dict[str, ResultSource]
    engines: dict[str, dict[str, Any]]
    combined: ResultSource | None = None
    records_expire_at: int


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

    def find(self, key: str, *, now: datetime) -> CachedWork | None:
        """What is cached under a key and has not expired (DynamoDB removes expired items late)."""
        item = self.table.get({"pk": key})
        if item is None or item["expires_at"] <= to_epoch(now):
            return None
        return CachedWork.model_validate(item)

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
