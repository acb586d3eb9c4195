"""Settings of the embeddings index."""

from typing import Literal

from besunny.settings import Settings


class IndexSettings(Settings):
    """Where indexed documents are kept.

    Attributes:
        index_table: documents, manifests, sweeps and audit records; partition `pk` is the tenant.
        data_bucket: texts and, of the embedded index, vectors, under `index/`.
    """

    index_table: str
    data_bucket: str


class SweepSettings(IndexSettings):
    """What the schedule sweeps.

    Attributes:
        feedback_table: corrections and the notes of their texts.
        vector_bucket_arn: of the S3 vector bucket, where there is one.
    """

    feedback_table: str
    vector_bucket_arn: str = ""


class SearchSettings(IndexSettings):
    """Which index keeps their vectors, and how.

    Attributes:
        vector_index: which index keeps the vectors.
        vector_bucket_arn: of the S3 vector bucket; needed by `s3-vectors` alone.
        tenant_chunks: the most chunks of one tenant in the embedded index.
        cache_mb: vectors that a process of the embedded index keeps in memory.
    """

    vector_index: Literal["embedded", "s3-vectors"] = "embedded"
    vector_bucket_arn: str = ""
    tenant_chunks: int = 100_000
    cache_mb: int = 512
