"""What was stored is there after a restart, and after a power cut but for the last moment."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from local import emulator_process
from local.emulator.settings import EmulatorSettings
from local.emulator_process import EmulatorError
from tests.e2e.runtime_contract.conftest import Aws, eventually

pytestmark = pytest.mark.e2e


def test_ttl_of_a_template_takes_effect(aws: Aws) -> None:
    described = aws.client("dynamodb").describe_time_to_live(TableName="contract-items")["TimeToLiveDescription"]
    assert described == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"}


def test_state_survives_a_power_cut(own_aws: Aws) -> None:
    own_aws.put_item("kept", number=7)
    saved = own_aws.process.settings.data / "state"
    # Stacks are saved last: once they are, all that they need is.
    stacks = eventually(lambda: saved.joinpath("cloudformation.json").exists() and saved / "cloudformation.json")
    eventually(lambda: "CREATE_COMPLETE" in stacks.read_text())
    eventually(lambda: '"kept"' in saved.joinpath("dynamodb.json").read_text())
    # The archives of layers are saved once, not every few seconds.
    assert saved.joinpath("lambda.json").stat().st_size < 200_000
    own_aws.restart(kill=True)
    item = own_aws.client("dynamodb").get_item(TableName="contract-items", Key={"pk": {"S": "kept"}})["Item"]
    assert item["number"] == {"N": "7"}
    assert own_aws.invoke("layered", {})[0] == {"from_module": "of the layer", "file_bytes": 200_000}
    assert own_aws.request("GET", "/health").status == 200


def test_a_stream_goes_on_after_a_restart_and_tells_ttl_deletes(own_aws: Aws) -> None:
    own_aws.put_item("before")
    eventually(lambda: any(change["key"] == "before" for change in own_aws.seen("change#")))
    own_aws.restart(kill=False)
    own_aws.put_item("after", expires_at=int(time.time()) - 60)
    eventually(lambda: any(change["key"] == "after" for change in own_aws.seen("change#")))
    # The emulator looks for what expired once a minute; AWS, within days.
    removed = eventually(
        lambda: next((c for c in own_aws.seen("change#") if c["name"] == "REMOVE" and c["key"] == "after"), None), 75
    )
    assert removed["by"] == {"type": "Service", "principalId": "dynamodb.amazonaws.com"}


def test_a_second_start_is_quick_and_a_stop_ends_everything(own_aws: Aws) -> None:
    pid = own_aws.invoke("echo", {})[0]["pid"]
    started = time.monotonic()
    own_aws.process.stop()
    assert time.monotonic() - started < 5
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    own_aws.process = emulator_process.start(own_aws.process.settings)
    own_aws.process.wait_ready(10)


def test_it_ends_with_its_caller(own_aws: Aws) -> None:
    assert own_aws.process.process.stdin is not None
    own_aws.process.process.stdin.close()
    assert own_aws.process.process.wait(10) == 0


def test_damaged_state_is_named_and_not_overwritten(start_aws: Callable[..., Aws]) -> None:
    aws = start_aws()
    aws.client("sqs").create_queue(QueueName="any")
    aws.process.stop()
    queues = aws.process.settings.data / "state" / "sqs.json"
    queues.write_text("{ cut")
    damaged = emulator_process.start(aws.process.settings)
    with pytest.raises(EmulatorError, match=r"sqs\.json cannot be read"):
        damaged.wait_ready()
    assert queues.read_text() == "{ cut"


def test_a_port_in_use_is_named(aws: Aws, settings: EmulatorSettings, tmp_path: Path) -> None:
    taken = replace(settings, data=tmp_path, aws_port=emulator_process.free_port())
    second = emulator_process.start(taken)
    with pytest.raises(EmulatorError, match=f"port {settings.api_port} on 127.0.0.1 is in use"):
        second.wait_ready()
