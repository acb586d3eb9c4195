"""Consumers that write down what they were sent."""

import json
import uuid

import boto3

seen = boto3.resource("dynamodb").Table("contract-seen")


def record_changes(event, context):
    for record in event["Records"]:
        note = {
            "name": record["eventName"],
            "key": record["dynamodb"]["Keys"]["pk"]["S"],
            "by": record.get("userIdentity"),
        }
        seen.put_item(Item={"pk": f"change#{uuid.uuid4()}", "note": json.dumps(note)})


def record_status(event, context):
    seen.put_item(Item={"pk": f"status#{uuid.uuid4()}", "note": json.dumps(event)})
