"""The parts that search is made of, once a process, from the settings."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from besunny.aws import clients
from besunny.errors import MisconfiguredError
from besunny.inference.engines.embedded import embedded_engine
from besunny.inference.engines.protocol import Engine
from besunny.inference.search.documents import DocumentItems
from besunny.inference.search.index import VectorIndex
from besunny.inference.search.objects import Objects
from besunny.inference.search.settings import SearchSettings


@dataclass(frozen=True)
class SearchParts:
    """What indexing and searching work with."""

    engine: Engine
    documents: DocumentItems
    objects: Objects
    index: VectorIndex

    @property
    def model(self) -> str:
        """Whose vectors are comparable with those made now; rules of services do not change vectors."""
        return f"{self.engine.info.model}@{self.engine.info.version.split('.')[0]}"


@lru_cache
def search_parts() -> SearchParts:
    """The parts of this process, with the index that the settings choose.

    Raises:
        MisconfiguredError: names each setting that is missing.
    """
    settings = SearchSettings.from_environment()
    objects = Objects(clients.s3, settings.data_bucket)
    documents = DocumentItems(clients.dynamodb(), settings.index_table)
    return SearchParts(embedded_engine(), documents, objects, _index(settings, objects))


def _index(settings: SearchSettings, objects: Objects) -> VectorIndex:
    if settings.vector_index == "s3-vectors":
        from besunny.inference.search.s3_vectors import S3VectorsIndex

        if not settings.vector_bucket_arn:
            raise MisconfiguredError("set VECTOR_BUCKET_ARN to the ARN of the S3 vector bucket")
        return S3VectorsIndex(
            clients.dynamodb(), settings.index_table, objects, clients.s3vectors, settings.vector_bucket_arn
        )
    # numpy comes with the first request and not with the handler.
    from besunny.inference.search.embedded import EmbeddedIndex

    return EmbeddedIndex(
        clients.dynamodb(),
        settings.index_table,
        objects,
        max_chunks=settings.tenant_chunks,
        cache_bytes=settings.cache_mb * 2**20,
    )
