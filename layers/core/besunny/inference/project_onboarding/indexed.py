"""What the tenant's index already holds of a project, for its profile."""

from __future__ import annotations

from besunny.aws import clients
from besunny.inference.contracts.project_onboarding import ProjectOnboardingRequest
from besunny.inference.project_onboarding.identity import project_id_of
from besunny.inference.search.documents import DocumentItems
from besunny.inference.search.objects import MissingObjectError, Objects
from besunny.inference.search.settings import IndexSettings
from besunny.observability.logs import logger

# Enough for words and names to recur; more would take longer than it tells.
_DOCUMENTS, _BYTES_OF_ONE = 20, 20_000


def with_indexed(request: ProjectOnboardingRequest, tenant_id: str) -> ProjectOnboardingRequest:
    """The request, with the beginnings of documents that the tenant has indexed under the project's id."""
    settings = IndexSettings.unless_alone()
    if settings is None:
        logger().warning("there is no stack: the profile is of the request alone")
        return request
    items = DocumentItems(clients.dynamodb(), settings.index_table)
    found = items.of_project(tenant_id, project_id_of(request), limit=_DOCUMENTS)
    if not found:
        return request
    objects = Objects(clients.s3, settings.data_bucket)
    texts = []
    for document in found:
        try:
            texts += objects.get_ranges([(document.text_key, 0, _BYTES_OF_ONE)])
        except MissingObjectError:
            continue  # replaced or removed since it was looked up
    # A cut may fall inside a character.
    read = [text.decode(errors="ignore") for text in texts]
    return request.model_copy(update={"documents": [*request.documents, *filter(str.strip, read)]})
