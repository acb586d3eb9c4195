"""GET /workflows/types: what each type takes and gives, as callers see it."""

from pydantic import BaseModel


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
        inputs=["project_name", "overview", "keywords", "deliverables", "contacts", "shoot_date", "location", "save"],
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
