"""moto's feedback table and bucket, as the template describes them."""

import boto3
import pytest
from moto import mock_aws

from besunny.aws import clients
from besunny.settings import Settings
from tests.infrastructure.template import resources


@pytest.fixture
def aws(monkeypatch):
    """An empty account; the names of what the functions use stand in the environment."""
    environment = {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "STACK_NAME": "demo",
        "FEEDBACK_TABLE": "demo-feedback",
        "DATA_BUCKET": "demo-data",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        forget()
        properties = dict(resources("AWS::DynamoDB::Table")["FeedbackTable"])
        for unused in ("TimeToLiveSpecification", "PointInTimeRecoverySpecification"):
            properties.pop(unused)
        boto3.client("dynamodb").create_table(TableName="demo-feedback", **properties)
        boto3.client("s3").create_bucket(Bucket="demo-data")
        yield
    forget()


def forget():
    for client in (clients.dynamodb, clients.s3):
        client.cache_clear()
    Settings.__dict__["from_environment"].__func__.cache_clear()
