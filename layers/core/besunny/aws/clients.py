"""boto3 clients, one a service and process, with bounded timeouts and retries.

boto3 is imported with the first client: a third of a handler's import time, which an endpoint that reads no table, and
a request that is refused before any read, need not pay.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_stepfunctions import SFNClient


def _client(service: Any, *, read_seconds: float = 10, signature: str | None = None) -> Any:
    import boto3
    from botocore.config import Config

    config = Config(
        connect_timeout=2,
        read_timeout=read_seconds,
        # Three tries in all; what needs more patience is retried by the queue or state machine that called.
        retries={"total_max_attempts": 3, "mode": "standard"},
        signature_version=signature,
    )
    return boto3.client(service, config=config)


@lru_cache
def dynamodb() -> DynamoDBClient:
    """DynamoDB."""
    client: DynamoDBClient = _client("dynamodb")
    return client


@lru_cache
def s3() -> S3Client:
    """S3, with the signature that presigned URLs need in every region."""
    client: S3Client = _client("s3", read_seconds=60, signature="s3v4")
    return client


@lru_cache
def stepfunctions() -> SFNClient:
    """Step Functions."""
    client: SFNClient = _client("stepfunctions")
    return client


@lru_cache
def cloudwatch() -> CloudWatchClient:
    """CloudWatch metrics."""
    client: CloudWatchClient = _client("cloudwatch")
    return client


@lru_cache
def sns() -> SNSClient:
    """SNS."""
    client: SNSClient = _client("sns")
    return client


@lru_cache
def s3vectors() -> Any:
    """S3 Vectors."""
    return _client("s3vectors")


# Few steps, so that few clients are made and kept.
_BEDROCK_SECONDS = (300, 120, 60, 30, 15, 8, 4)


def bedrock_runtime(region: str | None, endpoint_url: str | None, seconds: float) -> Any:
    """Bedrock's models, by a client that never retries: the engines' own policy does.

    Args:
        region: None for the stack's own.
        endpoint_url: None for the region's own.
        seconds: an answer is waited for at most this long, or a little less.
    """
    step = next((step for step in _BEDROCK_SECONDS if step <= seconds), _BEDROCK_SECONDS[-1])
    return _bedrock_runtime(region, endpoint_url, step)


@lru_cache
def _bedrock_runtime(region: str | None, endpoint_url: str | None, seconds: int) -> Any:
    import boto3
    from botocore.config import Config

    config = Config(connect_timeout=2, read_timeout=seconds, retries={"total_max_attempts": 1, "mode": "standard"})
    return boto3.client("bedrock-runtime", region_name=region, endpoint_url=endpoint_url, config=config)
