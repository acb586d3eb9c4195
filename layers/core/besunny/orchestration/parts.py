"""The parts that work together, each made when it is first used."""

from functools import cached_property, lru_cache

from besunny.aws import clients
from besunny.orchestration.admission import Admission
from besunny.orchestration.cache import Cache
from besunny.orchestration.documents import Documents, Uploads
from besunny.orchestration.executions import Executions
from besunny.orchestration.fairness import Weights
from besunny.orchestration.joining import Joining
from besunny.orchestration.leases import Leases, Limits
from besunny.orchestration.ledger import Ledger
from besunny.orchestration.settings import (
    CacheSettings,
    CreationSettings,
    DocumentSettings,
    EngineSettings,
    LedgerSettings,
    LimitSettings,
    MachineSettings,
)
from besunny.orchestration.settlement import Settlement
from besunny.orchestration.store import Store
from besunny.orchestration.table import Table


class Parts:
    """What the services of this room work with; a part's settings are read with it, so that a function needs no others.

    Raises:
        MisconfiguredError: (each part) names the settings of it that are missing.
    """

    @cached_property
    def settings(self) -> CreationSettings:
        """What new workflows depend on."""
        return CreationSettings.from_environment()

    @property
    def engines_parameter(self) -> str:
        """SSM parameter with the engines document; empty where there is none."""
        return EngineSettings.from_environment().engines_parameter

    @cached_property
    def store(self) -> Store:
        """Reads of the workflows table, and writes that change no state."""
        return Store(self._table)

    @cached_property
    def leases(self) -> Leases:
        """The slots."""
        limits = LimitSettings.from_environment()
        return Leases(self._table, Limits(limits.global_limit, limits.tenant_limit))

    @cached_property
    def weights(self) -> Weights:
        """What each tenant gets beside others."""
        return Weights(LimitSettings.from_environment().tenant_weights)

    @cached_property
    def ledger(self) -> Ledger:
        """Changes of state."""
        return Ledger(self._table, self.leases)

    @cached_property
    def documents(self) -> Documents:
        """Inputs and results."""
        return Documents(self._table, clients.s3, DocumentSettings.from_environment().data_bucket)

    @cached_property
    def uploads(self) -> Uploads:
        """What callers put into S3 themselves."""
        return Uploads(clients.s3, DocumentSettings.from_environment().data_bucket)

    @cached_property
    def cache(self) -> Cache:
        """Results for the next that asks the same."""
        return Cache(Table(clients.dynamodb(), CacheSettings.from_environment().cache_table))

    @cached_property
    def executions(self) -> Executions:
        """Step Functions."""
        machines = MachineSettings.from_environment()
        return Executions(
            clients.stepfunctions,
            {
                "service": machines.service_state_machine_arn,
                "hybrid": machines.hybrid_state_machine_arn,
                "batch": machines.batch_state_machine_arn,
            },
        )

    @cached_property
    def admission(self) -> Admission:
        """What starts now."""
        return Admission(self.ledger, self.store, self.executions, self.weights)

    @cached_property
    def joining(self) -> Joining:
        """What waits for equal work in flight."""
        return Joining(self.ledger, self.store, lambda: self.cache)

    @cached_property
    def settlement(self) -> Settlement:
        """How workflows end."""
        return Settlement(
            ledger=self.ledger,
            store=self.store,
            documents=lambda: self.documents,
            cache=lambda: self.cache,
            admission=self.admission,
            joining=self.joining,
        )

    @cached_property
    def _table(self) -> Table:
        return Table(clients.dynamodb(), LedgerSettings.from_environment().workflows_table)


@lru_cache
def parts() -> Parts:
    """The parts of this process."""
    return Parts()
