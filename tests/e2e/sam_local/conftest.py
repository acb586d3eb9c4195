"""The template in containers: built for Linux, run by `sam local`."""

import platform
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import docker
import pytest
from docker.errors import DockerException, ImageNotFound

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
    from local.bridge import host_for_containers

    return host_for_containers()
