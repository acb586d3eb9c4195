"""The main routes through `sam local start-api`, with the authorizer and the laptop stack behind it."""

import json
import subprocess
import time

import pytest
import requests

from local.emulator_process import free_port
from local.stack.paths import ROOT

pytestmark = pytest.mark.sam_local


@pytest.fixture(scope="module")
def api(sam_local, bridged, tmp_path_factory):
    """The address that `sam local start-api` serves."""
    port, log = free_port(), tmp_path_factory.mktemp("sam") / "start-api.log"
    command = sam_local.command("start-api", "--port", str(port), "--warm-containers", "LAZY", *bridged)
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
            # It stops its warm containers one by one, and each may take ten seconds.
            process.wait(timeout=300)


@pytest.fixture(scope="module")
def caller(stack):
    """A session with a token of the stack."""
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {stack.token(role='analyst', sub='alice', tenant='sam-local')}"
        yield session


@pytest.mark.parametrize(("path", "told"), [("/openapi.json", '"openapi"'), ("/docs", "<html"), ("/health", "status")])
def test_open_routes_answer(api, path, told):
    answer = requests.get(api + path, timeout=120)
    assert answer.status_code == 200, answer.text
    assert told in answer.text


def test_without_a_token_nobody_comes_in(api):
    assert requests.get(f"{api}/v1/ai-orchestration/workflows", timeout=120).status_code in (401, 403)


def test_a_workflow_is_taken_and_found_again(api, caller):
    body = {"workflow_type": "embedding", "input_data": {"text": "a note from a container"}}
    taken = caller.post(f"{api}/v1/ai-orchestration/workflows", json=body, timeout=120)
    assert taken.status_code in (200, 202), taken.text
    status = f"{api}/v1/ai-orchestration/workflows/{taken.json()['workflow_id']}/status"
    answer = caller.get(status, headers={"Prefer": "wait=20"}, timeout=120)
    assert answer.json()["status"] == "completed", answer.text


def test_an_ai_service_computes_in_a_container_and_stays_warm(api, caller):
    event = json.loads((ROOT / "events/classification.json").read_text())
    first = caller.post(f"{api}{event['path']}", data=event["body"], timeout=120)
    assert first.status_code == 200, first.text
    again = caller.post(f"{api}{event['path']}", data=event["body"], timeout=120)
    assert again.json()["project_id"] == first.json()["project_id"] != ""
    assert again.elapsed < first.elapsed
