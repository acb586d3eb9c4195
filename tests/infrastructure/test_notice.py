"""Whose models and data the layers carry is said in NOTICE, which goes into both layers."""

import importlib.util
import json
import sys

import pytest

from tests.infrastructure.template import ROOT

NOTICE = (ROOT / "NOTICE").read_text()
MODELS = sorted((ROOT / "layers/inference/models").glob("*/MODEL.json"))


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.parent.name)
def test_each_model_and_its_source_are_named(path):
    model = json.loads(path.read_text())
    assert path.parent.name in NOTICE
    for source in filter(None, (model["source"], model.get("data"))):
        assert source.replace(",", " ").split()[0].split("/")[-1] in NOTICE


@pytest.mark.parametrize("name", ["CLINC150", "GeoNames", "census", "AMI Meeting Corpus"])
def test_data_that_is_no_model_is_named(name):
    assert name in NOTICE


def test_the_notice_is_copied_into_each_layer(tmp_path, monkeypatch):
    spec = importlib.util.spec_from_file_location("build", ROOT / "layers/build.py")
    build = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "build", build)
    spec.loader.exec_module(build)
    monkeypatch.setattr(build, "interpreter_of", lambda version: None)
    target = build.Target(build.DEFAULT_RUNTIME, build.DEFAULT_ARCHITECTURE, native=False, source="a test")
    for layer in ("core", "inference"):
        installed = tmp_path / f"{layer}-packages"
        installed.mkdir()
        monkeypatch.setattr(build, "packages", lambda *_, installed=installed: installed)
        build.build(layer, target, tmp_path / layer, tmp_path / "cache")
        assert (tmp_path / layer / "NOTICE").read_text() == NOTICE
