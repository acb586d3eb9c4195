"""Let containers of `sam local` use the running stack: `make bridge [PORT=3000]`, until Ctrl-C.

The stack listens on 127.0.0.1, which no container reaches. On Linux this forwards the same port of Docker's own bridge,
an address of this machine alone; Docker Desktop reaches 127.0.0.1 by a name of its own. The environment that functions
need there is written to `.local/sam-local.json`, for `sam local invoke --env-vars`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import platform
import socket
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import docker  # type: ignore[import-untyped]
import psutil
from docker.errors import DockerException  # type: ignore[import-untyped]

from local.stack import build, deploy, ports, record
from local.stack.errors import StackError
from local.stack.paths import LOCAL, ROOT

ENVIRONMENT = LOCAL / "sam-local.json"


def host_for_containers() -> str:
    """The name or address by which a container reaches this machine. Raises StackError without a Docker engine."""
    if platform.system() != "Linux":
        return "host.docker.internal"
    try:
        bridge = docker.from_env().networks.get("bridge")
    except DockerException as error:
        raise StackError(f"no Docker engine answers ({error}): start one, or name it with DOCKER_HOST") from error
    interface = bridge.attrs["Options"]["com.docker.network.bridge.name"]
    addresses = [one.address for one in psutil.net_if_addrs().get(interface, []) if one.family == socket.AF_INET]
    if not addresses:
        raise StackError(f"Docker's bridge {interface} has no address here: is the engine on another machine?")
    return addresses[0]


def environments(cloudformation: Any, lambdas: Any, aws_url: str) -> dict[str, dict[str, str]]:
    """Logical id -> the environment that the function has in the stack, with AWS at `aws_url`."""
    resources = cloudformation.describe_stack_resources(StackName=deploy.STACK_NAME)["StackResources"]
    functions = {
        one["LogicalResourceId"]: one["PhysicalResourceId"]
        for one in resources
        if one["ResourceType"] == "AWS::Lambda::Function"
    }
    return {
        logical: {
            **lambdas.get_function_configuration(FunctionName=name).get("Environment", {}).get("Variables", {}),
            "AWS_ENDPOINT_URL": aws_url,
        }
        for logical, name in functions.items()
    }


def prepare(running: record.Record, host: str, path: Path = ENVIRONMENT) -> str:
    """Write the environments for containers to `path`; the address they will find AWS at."""
    session = deploy.session(running.region)
    aws_url = f"http://{host}:{urlsplit(running.aws_url).port}"
    found = environments(
        session.client("cloudformation", endpoint_url=running.aws_url),
        session.client("lambda", endpoint_url=running.aws_url),
        aws_url,
    )
    path.write_text(json.dumps(found, indent=1) + "\n")
    return aws_url


async def _forward(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while part := await source.read(65536):
            target.write(part)
            await target.drain()
    target.close()


async def serve(host: str, port: int) -> asyncio.Server:
    """Forward `host:port` to the same port of 127.0.0.1. Raises OSError when the address cannot be bound."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            stack_reader, stack_writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            # The stack is gone: the container sees what it would see without a bridge.
            writer.close()
            return
        await asyncio.gather(_forward(reader, stack_writer), _forward(stack_reader, writer))

    return await asyncio.start_server(connected, host, port)


async def keep(running: record.Record) -> None:
    """Bridge until cancelled."""
    host = host_for_containers()
    aws_url = prepare(running, host)
    example = "sam local invoke ListWorkflowsFunction -e events/list_workflows.json --env-vars"
    overrides = f"--parameter-overrides EndpointUrl={aws_url} Architecture={build.architecture()}"
    print(f"containers reach the stack at {aws_url}; for example, after `make build`:")
    print(f"  {example} {ENVIRONMENT.relative_to(ROOT)} {overrides}", flush=True)
    if host == "host.docker.internal":
        return
    port = urlsplit(running.aws_url).port
    assert port
    async with await serve(host, port) as server:
        await server.serve_forever()


def main() -> None:
    options = argparse.ArgumentParser(prog="make bridge")
    options.add_argument("--port", required=True)
    asyncio.run(keep(record.require(ports.parse(options.parse_args().port))))


if __name__ == "__main__":
    try:
        main()
    except (StackError, OSError) as error:
        sys.exit(f"bridge: {error}")
    except KeyboardInterrupt:
        sys.exit(0)
