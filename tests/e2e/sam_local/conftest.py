"""The template in containers: built for Linux, run by `sam local`."""

import asyncio
import platform
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import docker
import pytest
from docker.errors import DockerException, ImageNotFound

from local import bridge
from local.stack import build
from local.stack.paths import LOCAL, ROOT

RUNTIME = "python3.13"
SAM = str(Path(sys.executable).with_name("sam"))


@pytest.fixture(scope="session")
def engine():
    """The Docker engine; without one, every test here is skipped with one line."""
    try:
        client = docker.from_env()
        client.ping()
    except DockerException as error:
        pytest.skip(f"no Docker engine answers: start one, or name it with DOCKER_HOST ({str(error)[:120]})")
    return client


@dataclass(frozen=True)
class SamLocal:
    """The built template and the options that every `sam local` command needs."""

    template: Path
    options: tuple[str, ...]

    def command(self, *words: str) -> list[str]:
        return [SAM, "local", *words, "--template", str(self.template), *self.options]

    def invoke(self, function: str, event: Path, *more: str) -> subprocess.CompletedProcess[str]:
        """`sam local invoke`: the payload on stdout, logs on stderr."""
        command = self.command("invoke", function, "--event", str(event), *more)
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture(scope="session")
def sam_local(engine):
    architecture = build.architecture()
    folder = LOCAL / f"build/sam-local-{architecture}"
    target = ("--parameter-overrides", f"Runtime={RUNTIME} Architecture={architecture}")
    command = [SAM, "build", "--no-cached", "--build-dir", str(folder), *target]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    options = target
    try:
        engine.images.get(f"public.ecr.aws/lambda/python:{RUNTIME.removeprefix('python')}-{architecture}")
    except ImageNotFound:
        # SAM pulls it, where a registry can be reached.
        pass
    else:
        options += ("--skip-pull-image",)
    return SamLocal(folder / "template.yaml", options)


@pytest.fixture(scope="session")
def bridge_host():
    """An address of this machine that containers reach and a test may bind."""
    if platform.system() != "Linux":
        pytest.skip("Docker Desktop reaches 127.0.0.1 by itself: there is nothing to bridge")
    return bridge.host_for_containers()


@pytest.fixture(scope="session")
def bridged(stack, bridge_host, tmp_path_factory):
    """Options that put the laptop stack behind a container."""
    environment = tmp_path_factory.mktemp("sam") / "environment.json"
    aws_url = bridge.prepare(stack.record(), bridge_host, environment)
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(bridge.serve(bridge_host, urlsplit(aws_url).port))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield "--env-vars", str(environment)
    loop.call_soon_threadsafe(server.close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(timeout=10)
