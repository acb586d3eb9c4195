"""Settings of the performance functions, and the thresholds that operators may set."""

from pydantic import BaseModel, ConfigDict, Field

from besunny.settings import Settings


class Thresholds(BaseModel):
    """Where a figure becomes critical; percent. Defaults are those of the template's parameters."""

    model_config = ConfigDict(frozen=True)

    cpu_threshold: float = Field(default=80, gt=0, le=100)
    memory_threshold: float = Field(default=85, gt=0, le=100)
    disk_threshold: float = Field(default=90, gt=0, le=100)
    error_rate_threshold: float = Field(default=5, gt=0, le=100)


class MetricsSettings(Settings):
    """Of the functions that only read the metrics table; each field from the variable of its name in capitals."""

    metrics_table: str


class AlertsSettings(Settings):
    """Of the functions that only read alerts."""

    alerts_table: str


class StatusSettings(MetricsSettings, AlertsSettings):
    """Of the status page, which reads both."""


class OptimizeSettings(StatusSettings, Thresholds):
    """Of the recommendations, which hold what they read against the thresholds."""


class ActivitySettings(Settings):
    """Of the functions that read or write activity."""

    activity_table: str


class RecorderSettings(StatusSettings, Thresholds):
    """Of the recorder, which writes both.

    Attributes:
        stack_name: functions and tables whose names begin with it are this stack's.
        alert_topic_arn: where notices go; empty for nowhere.
        state_machine_arns: comma separated.
        api_name, api_stage: the dimensions of AWS/ApiGateway's metrics.
    """

    stack_name: str
    alert_topic_arn: str = ""
    state_machine_arns: str = ""
    api_name: str = ""
    api_stage: str = ""
