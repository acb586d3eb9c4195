"""What `layers/build.py` builds for, and which locked packages that takes."""

import importlib.util
import sys

import pytest

from local.stack.paths import ROOT

spec = importlib.util.spec_from_file_location("layers_build", ROOT / "layers/build.py")
build = importlib.util.module_from_spec(spec)
sys.modules["layers_build"] = build
spec.loader.exec_module(build)

LOCK = """\
# made by a tool
numpy==2.4.6 ; python_full_version < '3.12' \\
    --hash=sha256:aa \\
    --hash=sha256:bb
    # via -r requirements.in
numpy==2.5.5 ; python_full_version >= '3.12' \\
    --hash=sha256:cc
pywin32==1 ; sys_platform == 'win32' \\
    --hash=sha256:dd
tokenizers==0.23.3 \\
    --hash=sha256:ee
"""


def target(runtime, architecture="arm64"):
    return build.find_target({"LAMBDA_RUNTIME": runtime, "LAMBDA_ARCHITECTURE": architecture}, [])


def versions(lock):
    return [line.split(" ")[0] for line in lock.splitlines() if "==" in line]


def test_the_lock_is_read_for_the_target_not_for_this_interpreter():
    assert versions(build.wanted(LOCK, target("python3.11"))) == ["numpy==2.4.6", "tokenizers==0.23.3"]
    assert versions(build.wanted(LOCK, target("python3.13"))) == ["numpy==2.5.5", "tokenizers==0.23.3"]


def test_hashes_stay_with_their_package():
    kept = build.wanted(LOCK, target("python3.11"))
    assert [word for word in kept.split() if "sha256" in word] == [f"--hash=sha256:{h}" for h in ("aa", "bb", "ee")]
    assert " ; " not in kept


@pytest.mark.parametrize(
    "command_line",
    [
        "/usr/bin/python sam build --parameter-overrides Runtime=python3.12 Architecture=x86_64",
        "sam build --parameter-overrides 'Architecture=x86_64' 'Runtime=python3.12'",
        "sam build --parameter-overrides ParameterKey=Runtime,ParameterValue=python3.12 "
        "ParameterKey=Architecture,ParameterValue=x86_64",
    ],
)
def test_the_target_is_what_sam_build_was_told(command_line):
    found = build.find_target({}, ["make build-CoreLayer", command_line, "bash"])
    assert (found.runtime, found.architecture) == ("python3.12", "x86_64")


def test_without_word_the_target_is_the_templates_default():
    found = build.find_target({}, ["make", "sam build", "bash -c Runtime=python3.9"])
    assert (found.runtime, found.architecture) == ("python3.13", "arm64")
    assert "samconfig.toml" in str(found), "who set the overrides there learns that they were not seen"


def test_the_environment_goes_before_the_command_line():
    found = build.find_target({"LAMBDA_RUNTIME": "python3.14"}, ["sam build --parameter-overrides Runtime=python3.12"])
    assert found.runtime == "python3.14"


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"LAMBDA_RUNTIME": "nodejs22.x"}, "nodejs22.x"),
        ({"LAMBDA_ARCHITECTURE": "riscv"}, "riscv"),
        ({"LAMBDA_RUNTIME": "python3.99", "LAMBDA_PLATFORM": "native"}, "python3.99"),
    ],
)
def test_what_cannot_be_built_for_is_named(environment, named):
    with pytest.raises(build.BuildError, match=named):
        build.find_target(environment, [])


def test_bytecode_is_that_of_the_asked_version_and_of_the_sources_alone(tmp_path, monkeypatch):
    own = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert build.interpreter_of(own) == sys.executable
    seen = []
    for place, seed in (("here", "1"), ("there", "2")):
        (tmp_path / place).mkdir()
        (tmp_path / place / "words.py").write_text("def known(x):\n    return x in {'one', 'two', 'three', 'four'}\n")
        monkeypatch.setenv("PYTHONHASHSEED", seed)
        build.compile_in(tmp_path / place, sys.executable, below="/opt/python")
        seen += [path.read_bytes() for path in (tmp_path / place).glob("__pycache__/*.pyc")]
    assert len(seen) == 2
    assert seen[0] == seen[1]


def test_a_version_that_is_not_here_has_no_interpreter(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    assert build.interpreter_of("3.99") is None
    # A pyenv shim without its version: it is there, and fails.
    shim = tmp_path / "python3.99"
    shim.write_text("#!/bin/sh\necho 'pyenv: version not installed' >&2\nexit 127\n")
    shim.chmod(0o755)
    assert build.interpreter_of("3.99") is None


def test_a_module_that_does_not_compile_stops_the_build(tmp_path):
    (tmp_path / "broken.py").write_text("def (:\n")
    with pytest.raises(build.BuildError, match=r"broken\.py"):
        build.compile_in(tmp_path, sys.executable, below="/opt/python")
