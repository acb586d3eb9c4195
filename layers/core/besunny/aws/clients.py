"""boto3 clients, one a service and process, with bounded timeouts and retries."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient

# Three tries in all; what needs more patience is retried by the queue or state machine that called.
_BOUNDED = Config(connect_timeout=2, read_timeout=10, retries={"total_max_attempts": 3, "mode": "standard"})


@lru_cache
def dynamodb() -> DynamoDBClient:
    """DynamoDB."""
    return boto3.client("dynamodb", config=_BOUNDED)


@lru_cache
def s3() -> S3Client:
    """S3, with the signature that presigned URLs need in every region."""
    return boto3.client("s3", config=_BOUNDED.merge(Config(signature_version="s3v4", read_timeout=60)))


@lru_cache
def stepfunctions() -> SFNClient:
    """Step Functions."""
    return boto3.client("stepfunctions", config=_BOUNDED)


@lru_cache
def cloudwatch() -> CloudWatchClient:
    """CloudWatch metrics."""
    return boto3.client("cloudwatch", config=_BOUNDED)


@lru_cache
def sqs() -> SQSClient:
    """SQS."""
    return boto3.client("sqs", config=_BOUNDED)


@lru_cache
def sns() -> SNSClient:
    """SNS."""
    return boto3.client("sns", config=_BOUNDED)
