"""Ports, records and the data folder's lock: what two stacks on one machine tell each other."""

import os
import socket
import subprocess
import sys

import psutil
import pytest

from local.stack import ports, record
from local.stack.data_lock import DataLock
from local.stack.errors import StackError
from local.stack.paths import ROOT


@pytest.fixture
def taken_port():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def running_record(port, **changes):
    facts = {"pid": os.getpid(), "started": psutil.Process().create_time(), "port": port, "region": "us-east-1"}
    facts |= {"api_url": "http://api", "aws_url": "http://aws", "data": "/d", "parameters": {}, "outputs": {"A": "b"}}
    return record.Record(**{**facts, **changes})


def test_a_port_in_use_names_the_program_and_another_port(taken_port, tmp_path):
    with pytest.raises(StackError, match=rf"{taken_port} is in use by .*pid {os.getpid()}.*make run PORT=\d+"):
        ports.require_free(taken_port, tmp_path)


def test_a_port_of_another_stack_is_told_apart(taken_port, tmp_path):
    record.write(running_record(taken_port), tmp_path)
    with pytest.raises(StackError, match=r"another `make run`.*DATA="):
        ports.require_free(taken_port, tmp_path)


@pytest.mark.parametrize("text", ["", "abc", "80", "65536", "-1", "3000.0"])
def test_what_is_no_port_is_refused(text):
    with pytest.raises(StackError, match="1024 to 65535"):
        ports.parse(text)


def test_a_record_is_found_while_its_process_lives(tmp_path):
    written = running_record(3000)
    record.write(written, tmp_path)
    assert record.require(3000, tmp_path) == written


def test_a_record_whose_pid_went_to_another_process_counts_for_nothing(tmp_path):
    record.write(running_record(3000, started=psutil.Process().create_time() - 60), tmp_path)
    with pytest.raises(StackError, match="make run PORT=3000"):
        record.require(3000, tmp_path)


def test_the_port_that_does_serve_is_named(tmp_path):
    record.write(running_record(3005), tmp_path)
    with pytest.raises(StackError, match="add PORT=3005"):
        record.require(3000, tmp_path)


def test_a_data_folder_has_one_stack(tmp_path):
    first, second = DataLock(tmp_path), DataLock(tmp_path)
    first.take(3000)
    with pytest.raises(StackError, match=r"stack on port 3000.*DATA="):
        second.take(3001)
    first.release()
    second.take(3001)
    second.release()


def test_the_next_stack_waits_for_an_emulator_that_still_saves(tmp_path):
    # Stands for the emulator after its `make run` was killed: ends when its input does.
    with subprocess.Popen([sys.executable, "-c", "input()", "local.emulator"], stdin=subprocess.PIPE) as emulator:
        first = DataLock(tmp_path)
        first.take(3000)
        first.name_emulator(3000, emulator.pid)
        first.release()
        with pytest.raises(StackError, match=f"kill {emulator.pid}"):
            DataLock(tmp_path, emulator_ends_seconds=0.2).take(3001)
        emulator.communicate(b"\n")
    DataLock(tmp_path).take(3001)


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StackError, match="DATA="):
        DataLock(tmp_path / "file/data").take(3000)


def test_no_suitable_python_is_one_line_that_names_the_fix(tmp_path):
    # `sh` and nothing else is on this PATH; the glob candidates do not exist under this HOME.
    (tmp_path / "sh").symlink_to("/bin/sh")
    script = (ROOT / "local/find_python.sh").read_text()
    script = script.replace("/opt/homebrew", "/nonexistent").replace("/usr/local", "/nonexistent")
    environment = {"PATH": str(tmp_path), "HOME": str(tmp_path)}
    done = subprocess.run(
        ["/bin/sh", "-c", script], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "make PYTHON=" in done.stderr


def test_a_python_that_is_named_goes_first(tmp_path):
    environment = {**os.environ, "PYTHON": sys.executable}
    done = subprocess.run(
        ["sh", "local/find_python.sh"], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == sys._base_executable
