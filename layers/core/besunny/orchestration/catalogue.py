"""The workflow types: what each takes and gives, which services it runs, and how long it may take."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel

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


class WorkflowTypeEntry(BaseModel):
    """A type as the catalogue shows it.

    Attributes:
        inputs: fields of `input_data`.
        outputs: names for `expected_outputs`.
        aliases: other names that `workflow_type` may use.
    """

    workflow_type: str
    description: str
    inputs: list[str]
    outputs: list[str]
    services: list[str]
    aliases: list[str] = []


class WorkflowTypes(BaseModel):
    """The catalogue."""

    success: bool = True
    types: list[WorkflowTypeEntry]
    priorities: list[str]


_ENTRIES = (
    WorkflowTypeEntry(
        workflow_type="classification",
        description="The project that a document belongs to, with evidence, entities, keywords and a summary",
        inputs=["content", "document_type", "subject", "author", "date", "projects"],
        outputs=["classification", "summary", "keywords", "entities", "sentiment"],
        services=["classification"],
    ),
    WorkflowTypeEntry(
        workflow_type="meeting_intelligence",
        description="Summary, decisions and action items of a meeting, each with the place that it stands on",
        inputs=["segments", "transcript", "meeting_data", "participants", "meeting_date"],
        outputs=["meeting_intelligence", "insights", "recommendations"],
        services=["meeting_intelligence"],
    ),
    WorkflowTypeEntry(
        workflow_type="embedding",
        description="Texts as vectors of 384 dimensions, in chunks",
        inputs=["texts", "content", "chunking"],
        outputs=["embeddings"],
        services=["embeddings"],
        aliases=["embeddings"],
    ),
    WorkflowTypeEntry(
        workflow_type="project_onboarding",
        description="The profile of a project from what its wizard asked",
        inputs=["project_name", "overview", "keywords", "deliverables", "contacts", "shoot_date", "location"],
        outputs=["project_onboarding"],
        services=["project_onboarding"],
    ),
    WorkflowTypeEntry(
        workflow_type="hybrid",
        description="Several services on one meeting or document, in parallel, and what a reader wants first of them",
        inputs=["segments", "transcript", "meeting_data", "content", "projects"],
        outputs=["classification", "meeting_intelligence", "embeddings", "combined"],
        services=["classification", "meeting_intelligence", "embeddings"],
    ),
)


def list_types() -> WorkflowTypes:
    """The types that `POST /workflows` takes; a batch is made of them at its own path."""
    return WorkflowTypes(types=list(_ENTRIES), priorities=["low", "normal", "high", "urgent"])
