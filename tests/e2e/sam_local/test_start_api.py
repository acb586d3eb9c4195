"""The main routes through `sam local start-api`, warm containers included."""

import json
import subprocess
import time

import pytest
import requests

from local.emulator_process import free_port
from local.stack.paths import ROOT

pytestmark = pytest.mark.sam_local


@pytest.fixture(scope="module")
def api(sam_local, tmp_path_factory):
    """The address that `sam local start-api` serves."""
    port, log = free_port(), tmp_path_factory.mktemp("sam") / "start-api.log"
    command = sam_local.command("start-api", "--port", str(port), "--warm-containers", "LAZY", "--disable-authorizer")
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output, stdin=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + 120
            while "Running on" not in log.read_text():
                assert process.poll() is None, log.read_text()[-2000:]
                assert time.monotonic() < deadline, log.read_text()[-2000:]
                time.sleep(0.2)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=60)


@pytest.mark.parametrize(
    ("path", "told"),
    [("/openapi.json", '"openapi"'), ("/docs", "<html"), ("/v1/ai-orchestration/workflows/types", "hybrid")],
)
def test_open_routes_answer(api, path, told):
    answer = requests.get(api + path, timeout=120)
    assert answer.status_code == 200, answer.text
    assert told in answer.text


def test_an_ai_service_computes_in_a_container_and_stays_warm(api):
    event = json.loads((ROOT / "events/classification.json").read_text())
    first = requests.post(f"{api}{event['path']}", data=event["body"], timeout=120)
    assert first.status_code == 200, first.text
    again = requests.post(f"{api}{event['path']}", data=event["body"], timeout=120)
    assert again.json()["project_id"] == first.json()["project_id"] != ""
    assert again.elapsed < first.elapsed
