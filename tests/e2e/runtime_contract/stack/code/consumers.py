"""Consumers that write down what they were sent."""

import json
import time
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


def answer_late(event, context):
    time.sleep(32)
    seen.put_item(Item={"pk": f"late#{uuid.uuid4()}", "note": json.dumps({"path": event["path"]})})
    return {"statusCode": 200, "body": "late"}
