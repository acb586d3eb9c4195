"""moto's tables, topic, queue and CloudWatch, as the template describes them."""

import boto3
import pytest
from moto import mock_aws
from moto.cloudwatch.models import Statistics

from besunny.api import activity
from besunny.aws import clients
from besunny.settings import Settings
from tests.infrastructure.template import resources
from tests.integration.performance.fleet import statistic

TABLES = {"METRICS_TABLE": "MetricsTable", "ALERTS_TABLE": "AlertsTable", "ACTIVITY_TABLE": "ActivityTable"}
MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:demo-service"


def forget():
    for client in (clients.dynamodb, clients.cloudwatch, clients.sns, activity._sqs):
        client.cache_clear()
    Settings.__dict__["from_environment"].__func__.cache_clear()


@pytest.fixture(autouse=True)
def percentiles(monkeypatch):
    monkeypatch.setattr(Statistics, "get_statistics_for_type", statistic)


@pytest.fixture(autouse=True)
def aws(monkeypatch):
    """An empty account; the names of what the functions use stand in the environment."""
    environment = {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "STACK_NAME": "demo",
        "STATE_MACHINE_ARNS": MACHINE,
        "API_NAME": "demo",
        "API_STAGE": "live",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        forget()
        for variable, logical in TABLES.items():
            monkeypatch.setenv(variable, f"demo-{logical}")
            properties = dict(resources("AWS::DynamoDB::Table")[logical])
            for unused in ("TimeToLiveSpecification", "PointInTimeRecoverySpecification"):
                properties.pop(unused, None)
            boto3.client("dynamodb").create_table(TableName=f"demo-{logical}", **properties)
        topic = boto3.client("sns").create_topic(Name="alerts")["TopicArn"]
        monkeypatch.setenv("ALERT_TOPIC_ARN", topic)
        queue = boto3.client("sqs").create_queue(QueueName="activity")["QueueUrl"]
        monkeypatch.setenv("ACTIVITY_QUEUE_URL", queue)
        inbox = boto3.client("sqs").create_queue(QueueName="inbox")["QueueUrl"]
        boto3.client("sns").subscribe(
            TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:inbox"
        )
        yield {"topic": topic, "activity": queue, "inbox": inbox}
    forget()
