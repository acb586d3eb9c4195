"""Fourth stage: operators are told of a change of state, once, through SNS."""

from __future__ import annotations

import json

from besunny.aws import clients
from besunny.clock import to_iso
from besunny.performance.alerts.lifecycle import Alert, AlertState
from besunny.performance.alerts.store import mark_noticed


def notify(alerts_table: str, topic_arn: str, alert: Alert) -> None:
    """Publish the alert and mark it as told; a failure to publish leaves it due, and the next run tries again.

    Raises:
        botocore.exceptions.ClientError, BotoCoreError: SNS or the table did not take it.
    """
    clients.sns().publish(
        TopicArn=topic_arn,
        Subject=subject(alert),
        Message=text(alert),
        MessageAttributes={
            name: {"DataType": "String", "StringValue": value}
            for name, value in {"state": str(alert.state), "severity": alert.severity, "rule": alert.rule}.items()
        },
    )
    mark_noticed(alerts_table, alert)


def subject(alert: Alert) -> str:
    """At most 100 characters, as SNS wants."""
    return f"[{alert.state} {alert.severity}] {alert.component}: {alert.rule}"[:100]


def text(alert: Alert) -> str:
    """What a person reads, and below it the same as JSON for machines."""
    word = "since" if alert.state is AlertState.FIRING else "at"
    return "\n".join(
        [
            f"{alert.state.upper()} ({alert.severity}): {alert.message}",
            f"{word} {to_iso(alert.since)}, from {alert.samples} samples",
            f"what to do: {alert.guide}",
            "",
            json.dumps(alert.model_dump(mode="json", exclude={"version", "notice_due"})),
        ]
    )
