"""Functions that do one thing each."""

import json
import os
import time
from pathlib import Path


class OrderRefused(Exception):
    pass


def echo(event, context):
    return {
        "event": event,
        "pid": os.getpid(),
        "environment": dict(os.environ),
        "remaining": context.get_remaining_time_in_millis(),
    }


def refuse(event, context):
    print("before it refuses")  # noqa: T201
    raise OrderRefused(f"order {event['order']}")


def sleep(event, context):
    time.sleep(event["seconds"])
    return os.getpid()


def take_memory(event, context):
    held = bytearray(event["mib"] * 1024 * 1024)
    for page in range(0, len(held), 4096):
        held[page] = 1
    time.sleep(event.get("hold_seconds", 0))
    return os.getpid()


def read_layer(event, context):
    import shared

    root = Path(os.environ["LAMBDA_LAYERS_ROOT"])
    return {"from_module": shared.NAME, "file_bytes": (root / "data" / "padding.bin").stat().st_size}


def leave(event, context):
    os._exit(3)


def emit_metric(event, context):
    directive = {"Namespace": "Contract", "Dimensions": [["Kind"]], "Metrics": [{"Name": "Orders", "Unit": "Count"}]}
    metadata = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [directive]}
    print(json.dumps({"_aws": metadata, "Kind": event["kind"], "Orders": event["orders"]}))  # noqa: T201
    if "answer_characters" in event:
        return "x" * event["answer_characters"]
    return {"characters": len(event.get("padding", ""))}
