"""Run one function on the Lambda runtime, with no Docker: `make invoke FUNCTION=... EVENT=events/x.json`.

In the stack that serves PORT if there is one, else in one that is started for this and stopped again. The payload goes
to stdout, the function's log to stderr; the exit code is 1 if the function failed.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from local.emulator_process import EmulatorError, free_port
from local.stack import deploy, laptop, ports, record
from local.stack.errors import StackError


def read_event(path: str) -> bytes:
    """The event's bytes. Raises StackError when there is no such file or it is not JSON."""
    try:
        content = Path(path).read_bytes()
        json.loads(content)
    except OSError as error:
        raise StackError(f"EVENT={path}: {error.strerror}; name a JSON file, such as one of events/") from error
    except ValueError as error:
        raise StackError(f"EVENT={path} is not JSON: {error}") from error
    return content


@contextlib.contextmanager
def clients(port: int, data: Path) -> Iterator[tuple[Any, Any]]:
    """CloudFormation and Lambda of the stack on this port, or of one started for the purpose."""
    running = record.find(port)
    if running:
        session = deploy.session(running.region)
        yield (
            session.client("cloudformation", endpoint_url=running.aws_url),
            session.client("lambda", endpoint_url=running.aws_url),
        )
        return
    stack = laptop.LaptopStack(
        data=data,
        api_port=free_port(),
        aws_port=ports.aws_port(port),
        say=lambda line: print(f"invoke: {line}", file=sys.stderr, flush=True),
    )
    stack.start()
    try:
        yield stack.client("cloudformation"), stack.client("lambda")
    finally:
        stack.stop()


def invoke(function: str, event: bytes, port: int, data: Path) -> bool:
    """Invoke and print; True if the function succeeded."""
    with clients(port, data) as (cloudformation, lambdas):
        name = laptop.physical_name(cloudformation, function)
        answer = lambdas.invoke(FunctionName=name, Payload=event, LogType="Tail")
        payload = answer["Payload"].read()
    print(base64.b64decode(answer.get("LogResult", "")).decode(errors="replace").rstrip(), file=sys.stderr)
    print(json.dumps(json.loads(payload or b"null"), indent=2, ensure_ascii=False))
    return "FunctionError" not in answer


def main() -> None:
    options = argparse.ArgumentParser(prog="make invoke")
    options.add_argument("--port", required=True)
    options.add_argument("--data", required=True, type=Path)
    options.add_argument("function")
    options.add_argument("event")
    given = options.parse_args()
    if not (given.function and given.event):
        raise StackError("name both: make invoke FUNCTION=ClassificationFunction EVENT=events/classification.json")
    if not invoke(given.function, read_event(given.event), ports.parse(given.port), given.data):
        sys.exit(1)


if __name__ == "__main__":
    try:
        main()
    except (StackError, EmulatorError) as error:
        sys.exit(f"invoke: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
