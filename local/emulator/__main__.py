"""`python -m local.emulator`, inside the emulator's venv: settings from BESUNNY_EMULATOR_* variables (`settings`)."""

from __future__ import annotations

import asyncio
import logging
import os
import resource
import shutil
import sys
import tempfile
from importlib.metadata import version

from local.emulator.settings import EmulatorSettings, InvalidEmulatorSetting
from local.emulator_process import is_free

MINISTACK = "1.5.33"


def main() -> int:
    """Run until told to stop. Exit code 0 after a clean stop, 1 with one line that says why it could not start."""
    try:
        settings = EmulatorSettings.from_environment(os.environ)
    except InvalidEmulatorSetting as problem:
        print(problem, file=sys.stderr)
        return 1
    if version("ministack") != MINISTACK:
        print(
            f"ministack is {version('ministack')}, the repairs are for {MINISTACK}: run `make setup`", file=sys.stderr
        )
        return 1
    for port in (settings.aws_port, settings.api_port):
        if not is_free(port):
            print(f"port {port} on 127.0.0.1 is in use: stop what listens there, or choose another", file=sys.stderr)
            return 1
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    _raise_file_limit()
    _prepare(settings)
    # ministack reads its environment when it is imported.
    from local.emulator import server
    from local.repairs import apply_all
    from local.repairs.pins import PinMismatch
    from local.repairs.state_saving import StateDamaged

    try:
        repaired = apply_all(settings)
    except PinMismatch as problem:
        print(problem, file=sys.stderr)
        return 1
    code = 0
    try:
        asyncio.run(server.run(settings, repaired))
    except StateDamaged as problem:
        print(problem, file=sys.stderr)
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    # Executions and schedules run in threads that would be waited for.
    os._exit(code)


def _prepare(settings: EmulatorSettings) -> None:
    temporary = settings.data / "tmp"
    shutil.rmtree(temporary, ignore_errors=True)
    for folder in (temporary, settings.data / "state", settings.data / "s3"):
        folder.mkdir(parents=True, exist_ok=True)
    tempfile.tempdir = str(temporary)
    os.environ.update(
        {
            "TMPDIR": str(temporary),
            "GATEWAY_PORT": str(settings.aws_port),
            "AWS_ENDPOINT_URL": settings.aws_url,
            "MINISTACK_HOST": "127.0.0.1",
            "MINISTACK_REGION": settings.region,
            "MINISTACK_ACCOUNT_ID": settings.account,
            "PERSIST_STATE": "1",
            "STATE_DIR": str(settings.data / "state"),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(settings.data / "s3"),
            "LOG_LEVEL": "WARNING",
            # Nothing here needs a container engine, file transfer or devices.
            "DOCKER_HOST": "unix:///nonexistent",
            "SFTP_ENABLED": "0",
            "IOT_MTLS_ENABLED": "0",
        }
    )


def _raise_file_limit() -> None:
    """A connection and three pipes an environment: the usual 1024 files (256 on macOS) are soon used up."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 10240 if hard == resource.RLIM_INFINITY else min(hard, 10240)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


if __name__ == "__main__":
    sys.exit(main())
