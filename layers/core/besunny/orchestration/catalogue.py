"""The workflow types: which service and state machine runs each, and how long it may take."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Machine = Literal["service", "hybrid", "batch"]


class WorkflowType(StrEnum):
    """What a workflow computes."""

    CLASSIFICATION = "classification"
    MEETING_INTELLIGENCE = "meeting_intelligence"
    EMBEDDING = "embedding"
    PROJECT_ONBOARDING = "project_onboarding"
    HYBRID = "hybrid"
    BATCH = "batch"


ALIASES = {"embeddings": "embedding"}
"""Other names that callers may use for a type."""

SERVICE_OF = {
    WorkflowType.CLASSIFICATION: "classification",
    WorkflowType.MEETING_INTELLIGENCE: "meeting_intelligence",
    WorkflowType.EMBEDDING: "embeddings",
    WorkflowType.PROJECT_ONBOARDING: "project_onboarding",
}
"""The service of each type that runs one."""
SERVICES_OF_HYBRID = ("classification", "meeting_intelligence", "embeddings")


@dataclass(frozen=True)
class Bounds:
    """How long an execution may take.

    Attributes:
        machine_seconds: `TimeoutSeconds` of the state machine; a test holds the two equal.
        lease_seconds: after this the reconciler takes the lease back; longer, so that it finds the execution ended.
    """

    machine_seconds: int

    @property
    def lease_seconds(self) -> int:
        return self.machine_seconds + 60


BOUNDS: dict[Machine, Bounds] = {"service": Bounds(1800), "hybrid": Bounds(1800), "batch": Bounds(86_400)}


def machine_of(workflow_type: WorkflowType) -> Machine:
    """The state machine that runs a type."""
    if workflow_type is WorkflowType.HYBRID:
        return "hybrid"
    return "batch" if workflow_type is WorkflowType.BATCH else "service"
