"""The layers as they are built: under Lambda's limit, complete, trimmed, and of the architecture that was asked for."""

import importlib.util
import os
import subprocess
import sys

import pytest

from tests.infrastructure.template import ROOT

LAMBDA_LIMIT_BYTES = 250 * 1024 * 1024
OWN = f"python{sys.version_info.major}.{sys.version_info.minor}"
CACHE = ROOT / ".local/cache/layers"
# The e_machine field of an ELF file, by architecture.
MACHINES = {"arm64": 0xB7, "x86_64": 0x3E}


def build(folder, **target):
    environment = {**os.environ, "LAYER_CACHE": str(CACHE), **target}
    for layer in ("core", "inference"):
        (folder / layer).mkdir()
        command = [sys.executable, "build.py", layer, str(folder / layer)]
        subprocess.run(command, cwd=ROOT / "layers", env=environment, check=True)
    return folder


@pytest.fixture(scope="module")
def own_layers(tmp_path_factory):
    """Built for this machine, as `make run` does."""
    return build(tmp_path_factory.mktemp("layers"), LAMBDA_RUNTIME=OWN, LAMBDA_PLATFORM="native")


@pytest.fixture(scope="module", params=["arm64", "x86_64"])
def aws_layers(request, tmp_path_factory):
    """Built for AWS, as `sam build` does: architecture and folder."""
    target = {"LAMBDA_RUNTIME": "python3.13", "LAMBDA_ARCHITECTURE": request.param, "LAMBDA_PLATFORM": ""}
    return request.param, build(tmp_path_factory.mktemp(request.param), **target)


def size(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_both_layers_together_fit_into_lambda(aws_layers):
    _, folder = aws_layers
    assert 50 * 1024 * 1024 < size(folder) < LAMBDA_LIMIT_BYTES


def test_every_library_is_of_the_architecture(aws_layers):
    architecture, folder = aws_layers
    libraries = [path for path in folder.rglob("*") if path.is_file() and ".so" in path.suffixes]
    assert len(libraries) > 20
    wrong = {path.name for path in libraries if path.read_bytes()[18] != MACHINES[architecture]}
    assert not wrong


def test_nothing_that_no_function_reads_is_in_them(aws_layers):
    _, folder = aws_layers
    assert not [path for path in folder.rglob("*") if path.name == "tests" or path.suffix in (".h", ".a")]


def test_no_cold_start_compiles_what_is_in_them(own_layers):
    modules = list(own_layers.glob("*/python/**/*.py"))
    assert len(modules) > 500
    tag = sys.implementation.cache_tag
    compiled = [path.parent / "__pycache__" / f"{path.stem}.{tag}.pyc" for path in modules]
    assert not [path for path in compiled if not path.is_file()]
    # Of this version, and unchecked (PEP 552): no date of a file, which unzipping changes, makes Python compile anew.
    assert {path.read_bytes()[:8] for path in compiled} == {importlib.util.MAGIC_NUMBER + b"\x01\0\0\0"}


def imports_from(folder, code):
    """Run code on an interpreter that has the layers and the standard library, nothing else."""
    paths = os.pathsep.join(str(folder / layer / "python") for layer in ("core", "inference"))
    environment = {"PYTHONPATH": paths, "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_core_layer_holds_all_that_it_imports(own_layers):
    modules = (
        "aws_lambda_powertools.event_handler, pydantic, psutil, jwt, cryptography.hazmat.primitives.hashes, besunny"
    )
    imports_from(own_layers, f"import {modules}")


def test_the_inference_layer_computes(own_layers):
    code = (
        "import numpy, onnxruntime, tokenizers; print(numpy.dot([1, 2], [3, 4]), onnxruntime.get_available_providers())"
    )
    assert imports_from(own_layers, code).startswith("11 [")


def test_the_models_are_in_the_inference_layer(own_layers):
    source = ROOT / "layers/inference/models"
    files = {
        path.relative_to(source) for path in source.rglob("*") if path.is_file() and "__pycache__" not in path.parts
    }
    assert {name for name in files if (own_layers / "inference/models" / name).is_file()} == files
    assert any(name.suffix == ".onnx" for name in files)
