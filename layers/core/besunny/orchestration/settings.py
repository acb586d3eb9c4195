"""Settings of orchestration, a model a part: a function is given the variables of those parts that it uses."""

from besunny.settings import Settings


class LedgerSettings(Settings):
    """Where workflows are kept."""

    workflows_table: str


class DocumentSettings(Settings):
    """Where large inputs and results, and uploads, are kept."""

    data_bucket: str


class LimitSettings(Settings):
    """How much runs at once.

    Attributes:
        global_limit: workflows in all.
        tenant_limit: workflows of one tenant.
        tenant_weights: as `fairness.Weights` takes it.
    """

    global_limit: int = 50
    tenant_limit: int = 10
    tenant_weights: str = ""


class CacheSettings(Settings):
    """Where results are kept for the next that asks the same."""

    cache_table: str


class CreationSettings(Settings):
    """Of new workflows.

    Attributes:
        config_version: part of the cache's key; a deployment that should not answer from old results changes it.
    """

    config_version: str = "1"


class EngineSettings(Settings):
    """Which engines answer.

    Attributes:
        engines_parameter: SSM parameter with the engines document; empty means `embedded` alone.
    """

    engines_parameter: str = ""


class MachineSettings(Settings):
    """The state machines."""

    service_state_machine_arn: str
    hybrid_state_machine_arn: str
    batch_state_machine_arn: str
