"""Keys of the table and of objects in S3. Under a workflow, what the status needs sorts from `RESULT` on."""

import json
from datetime import datetime
from hashlib import sha256
from urllib.parse import quote

from besunny.clock import from_iso, to_iso
from besunny.orchestration.records import Priority, WorkflowRecord
from besunny.orchestration.table import Key

READY = "READY"
JOINED = "JOINED"
"""Partition of what waits for equal work in flight."""
TALLY_SHARDS = 8
TALLIED = ("done", "failed", "cancelled")
"""What is counted of a batch's items: each end is one of these."""
# Milliseconds added to a workflow's age rank: among one tenant's, `low` yields to `normal` for half an hour, not for
# ever; `urgent` starts before all that waits.
_HANDICAP_MS = {
    Priority.URGENT: -365 * 86_400_000,
    Priority.HIGH: -600_000,
    Priority.NORMAL: 0,
    Priority.LOW: 1_800_000,
}


def partition(workflow_id: str) -> str:
    """The partition that holds a workflow and all that belongs to it."""
    return f"W#{workflow_id}"


def workflow(workflow_id: str) -> Key:
    """The workflow's record."""
    return {"pk": partition(workflow_id), "sk": "WORKFLOW"}


def input_item(workflow_id: str) -> Key:
    """An input small enough for the table."""
    return {"pk": partition(workflow_id), "sk": "INPUT"}


def result(workflow_id: str, attempt: int, service: str) -> Key:
    """A service's result in one attempt."""
    return {"pk": partition(workflow_id), "sk": f"RESULT#{attempt:04d}#{service}"}


def tries(workflow_id: str, attempt: int, service: str, now: datetime) -> Key:
    """What engines did for a task that gave no result."""
    return {"pk": partition(workflow_id), "sk": f"TRIES#{attempt:04d}#{service}#{to_iso(now)}"}


def tally(batch_id: str, item_index: int) -> Key:
    """The counter that an item of a batch adds to; spread, so that items ending together do not collide."""
    return {"pk": partition(batch_id), "sk": f"TALLY#{item_index % TALLY_SHARDS}"}


def tallies(batch_id: str) -> list[Key]:
    """All counters of a batch."""
    return [tally(batch_id, shard) for shard in range(TALLY_SHARDS)]


def audit(workflow_id: str, now: datetime, action: str, attempt: int) -> Key:
    """An audit record; one action of one attempt happens once."""
    return {"pk": partition(workflow_id), "sk": f"AUDIT#{to_iso(now)}#{attempt:04d}#{action}"}


def idempotency(tenant_id: str, owner: str, key: str) -> Key:
    """A caller's Idempotency-Key (hashed: it may be of any length)."""
    digest = sha256(json.dumps((tenant_id, owner, key)).encode()).hexdigest()
    return {"pk": f"IDEMPOTENCY#{digest}", "sk": "KEY"}


def global_leases() -> str:
    """The partition of the global slots."""
    return "LEASE#GLOBAL"


def tenant_leases(tenant_id: str) -> str:
    """The partition of a tenant's slots."""
    return f"LEASE#TENANT#{tenant_id}"


def slot(leases: str, number: int) -> Key:
    """A slot of a partition of leases."""
    return {"pk": leases, "sk": f"SLOT#{number:06d}"}


def owner_list(tenant_id: str, owner: str) -> str:
    """`by_owner` partition of what one user created."""
    return f"USER#{quote(tenant_id, safe='')}#{owner}"


def tenant_list(tenant_id: str) -> str:
    """`by_owner` partition of the creation records of a tenant."""
    return f"TENANT#{tenant_id}"


def items_list(batch_id: str) -> str:
    """`by_owner` partition of the items of a batch."""
    return f"BATCH#{batch_id}"


def object_key(folder: str, tenant_id: str, *rest: str) -> str:
    """An object of a tenant in S3; the tenant is quoted, so that no name reaches into another's folder."""
    return "/".join((folder, quote(tenant_id, safe=""), *rest))


def upload_key(tenant_id: str, owner: str, upload_id: str) -> str:
    """An upload in S3; the owner is in its key, so that a colleague who learns the id does not reach it."""
    return object_key("uploads", tenant_id, quote(owner, safe=""), upload_id)


def rank(record: WorkflowRecord) -> int:
    """Age and priority together, in milliseconds; smaller goes first."""
    if record.lifted_to is not None:
        return record.lifted_to
    return int(from_iso(record.created_at).timestamp() * 1000) + _HANDICAP_MS[record.priority]


def ready_sort(record: WorkflowRecord) -> str:
    """Place in the queue: by tenant, then by rank."""
    return f"{ready_tenant(record.tenant_id)}{rank(record):015d}#{record.workflow_id}"


def joined(record: WorkflowRecord) -> Key:
    """Its place among those that wait for the same work: by cache key, then by rank."""
    return {"pk": JOINED, "sk": f"{joined_under(str(record.cache_key))}{rank(record):015d}#{record.workflow_id}"}


def joined_under(cache_key: str) -> str:
    """What the places of all that wait for the same work begin with."""
    return f"{cache_key}#"


def ready_tenant(tenant_id: str) -> str:
    """What all places of a tenant begin with; quoted, so that no tenant's name can begin another's."""
    return f"{quote(tenant_id, safe='')}#"


def rank_of(ready: str) -> int:
    """The rank in a `ready_sort`, in milliseconds; smaller goes first."""
    return int(ready.rsplit("#", 2)[1])


def engine_hour(service: str, engine: str, now: datetime) -> Key:
    """The outcomes of an engine for a service in one hour."""
    return {**service_hour(service, now), "pk": f"OUTCOMES#{service}#{engine}"}


def service_hour(service: str, now: datetime) -> Key:
    """The outcomes of a service in one hour."""
    return {"pk": f"OUTCOMES#{service}", "sk": f"HOUR#{now:%Y-%m-%dT%H}"}
