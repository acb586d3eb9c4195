"""Settings of the orchestration functions."""

from besunny.settings import Settings


class LedgerSettings(Settings):
    """Where workflows, their inputs and their results are kept."""

    workflows_table: str
    projects_table: str
    data_bucket: str


class OrchestrationSettings(LedgerSettings):
    """What admission, settling and the API need besides.

    Attributes:
        global_limit: workflows that run at once.
        tenant_limit: workflows of one tenant that run at once.
        config_version: part of the cache's key; a deployment that should not answer from old results changes it.
        engines_parameter: SSM parameter with the engines document; empty means `embedded` alone.
    """

    cache_table: str
    service_state_machine_arn: str
    hybrid_state_machine_arn: str
    batch_state_machine_arn: str
    global_limit: int = 50
    tenant_limit: int = 10
    config_version: str = "1"
    engines_parameter: str = ""
