"""The parts that work together, made once a process from the settings."""

from dataclasses import dataclass
from functools import lru_cache

from besunny.aws import clients
from besunny.orchestration.admission import Admission
from besunny.orchestration.cache import Cache
from besunny.orchestration.documents import Documents
from besunny.orchestration.executions import Executions
from besunny.orchestration.leases import Leases, Limits
from besunny.orchestration.ledger import Ledger
from besunny.orchestration.settings import OrchestrationSettings
from besunny.orchestration.settlement import Settlement
from besunny.orchestration.store import Store
from besunny.orchestration.table import Table


@dataclass(frozen=True)
class Parts:
    """What the services of this room work with."""

    settings: OrchestrationSettings
    ledger: Ledger
    leases: Leases
    store: Store
    documents: Documents
    cache: Cache
    executions: Executions
    admission: Admission
    settlement: Settlement


@lru_cache
def parts() -> Parts:
    """The parts of this process.

    Raises:
        MisconfiguredError: names each setting that is missing.
    """
    settings = OrchestrationSettings.from_environment()
    table = Table(clients.dynamodb(), settings.workflows_table)
    leases = Leases(table, Limits(settings.global_limit, settings.tenant_limit))
    ledger, store = Ledger(table, leases), Store(table)
    documents = Documents(table, clients.s3, settings.data_bucket)
    cache = Cache(Table(clients.dynamodb(), settings.cache_table))
    executions = Executions(
        clients.stepfunctions,
        {
            "service": settings.service_state_machine_arn,
            "hybrid": settings.hybrid_state_machine_arn,
            "batch": settings.batch_state_machine_arn,
        },
    )
    admission = Admission(ledger, store, executions)
    settlement = Settlement(ledger=ledger, store=store, documents=documents, cache=cache, admission=admission)
    return Parts(settings, ledger, leases, store, documents, cache, executions, admission, settlement)
