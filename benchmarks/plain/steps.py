"""Its functions. One table holds a workflow's record, input and results; the machine carries the id.

It does what a careful engineer would build first: input checked, engine chosen, each service apart, results stored,
whoever listens told. What it has not: limits, order, cancel, fencing, audit, cache, joining, one end under faults.
"""

import json
import os
import time
import uuid
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from besunny.aws import clients
from besunny.aws.dynamo import from_item, to_item
from besunny.inference.contracts.hybrid import HybridInput, combine
from besunny.inference.contracts.parse import parse_request
from besunny.inference.engines.embedded import embedded_engine
from besunny.inference.run import run

_INLINE_BYTES = 200_000


def submit(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """POST: a record, the input, an execution."""
    workflow_id = uuid.uuid4().hex
    record = {"status": "running", "workflow_type": event["workflow_type"], "created_at": time.time()}
    _put(workflow_id, "WORKFLOW", record)
    _put(workflow_id, "INPUT", {"body": json.dumps(event["input_data"])})
    machine = os.environ["HYBRID_MACHINE" if event["workflow_type"] == "hybrid" else "SERVICE_MACHINE"]
    carried = {"workflow_id": workflow_id, "workflow_type": event["workflow_type"]}
    clients.stepfunctions().start_execution(stateMachineArn=machine, name=workflow_id, input=json.dumps(carried))
    return {"workflow_id": workflow_id}


def status(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """GET: the record and the results."""
    return {name: item for name, item in _all(event["workflow_id"]).items() if name != "INPUT"}


def validate(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """The input by its contract."""
    _requests(event)
    return event


def route(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Which engine answers; here there is one."""
    return {**event, "engine": "embedded"}


def serve(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """One service: reads the input, computes, stores its result."""
    request = _requests(event)[event["service"]]
    answer = run(event["service"], request, engine=embedded_engine(), now=datetime.now(UTC))
    _put(event["workflow_id"], f"RESULT#{event['service']}", {"body": answer.model_dump_json()})
    return {"service": event["service"]}


def combine_results(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """The results of a hybrid as one."""
    answers = {
        name.partition("#")[2]: json.loads(item["body"])
        for name, item in _all(event["workflow_id"]).items()
        if name.startswith("RESULT#")
    }
    _put(event["workflow_id"], "RESULT#combined", {"body": json.dumps(combine(answers, title=None))})
    return event


def store(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """The record's end."""
    clients.dynamodb().update_item(
        TableName=os.environ["TABLE"],
        Key=to_item({"pk": event["workflow_id"], "sk": "WORKFLOW"}),
        UpdateExpression="SET #status = :done, finished_at = :now",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues=to_item({":done": "completed", ":now": time.time()}),
    )
    return event


def notify(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Whoever listens."""
    _events().put_events(Entries=[{"Source": "plain", "DetailType": "Workflow completed", "Detail": json.dumps(event)}])
    return {}


@lru_cache
def _events() -> Any:
    import boto3

    return boto3.client("events")


def _requests(event: dict[str, Any]) -> dict[str, Any]:
    data = json.loads(_get(event["workflow_id"], "INPUT")["body"])
    if event["workflow_type"] == "hybrid":
        return {str(name): request for name, request in HybridInput.parse(data, []).items()}
    service = "embeddings" if event["workflow_type"] == "embedding" else event["workflow_type"]
    return {service: parse_request(service, data)}


def _put(workflow_id: str, name: str, item: dict[str, Any]) -> None:
    item = {"pk": workflow_id, "sk": name, **item}
    if len(item.get("body", "")) > _INLINE_BYTES:
        key = f"plain/{workflow_id}/{name}"
        clients.s3().put_object(Bucket=os.environ["BUCKET"], Key=key, Body=item.pop("body").encode())
        item["key"] = key
    clients.dynamodb().put_item(TableName=os.environ["TABLE"], Item=to_item(item))


def _get(workflow_id: str, name: str) -> dict[str, Any]:
    key = to_item({"pk": workflow_id, "sk": name})
    found = clients.dynamodb().get_item(TableName=os.environ["TABLE"], Key=key)
    return _whole(from_item(found["Item"]))


def _all(workflow_id: str) -> dict[str, dict[str, Any]]:
    found = clients.dynamodb().query(
        TableName=os.environ["TABLE"],
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues=to_item({":pk": workflow_id}),
    )
    return {item["sk"]: _whole(item) for item in map(from_item, found["Items"])}


def _whole(item: dict[str, Any]) -> dict[str, Any]:
    if "key" in item:
        stored = clients.s3().get_object(Bucket=os.environ["BUCKET"], Key=item["key"])
        item["body"] = stored["Body"].read().decode()
    return item
