"""Whose models and data the layers carry is said in NOTICE, which goes into both layers."""

import importlib.util
import json
import re
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


NAMED = [
    path
    for folder in ("core/besunny", "inference/models")
    for path in sorted((ROOT / "layers" / folder).rglob("*"))
    if path.is_file() and path.suffix not in (".py", ".pyc", ".typed") and path.name not in ("MODEL.json", "LICENSE")
]


def paragraphs_naming(path):
    """The paragraphs of NOTICE with this file's name, its pattern, or its model's folder."""
    folder = path.parent.name
    names = [f"models/{folder}"] if "models" in path.parts else [path.name, f"{folder}/*{path.suffix}"]
    return [p for p in NOTICE.split("\n\n")[1:] if any(re.search(rf"{re.escape(name)}(?![\w-])", p) for name in names)]


@pytest.mark.parametrize("path", NAMED, ids=lambda path: str(path.relative_to(ROOT / "layers")))
def test_each_data_file_is_named_with_its_source_and_licence(path):
    found = paragraphs_naming(path)
    assert found, "say in layers/NOTICE where this comes from and under which licence"
    for paragraph in found:
        assert re.search(r"Apache License|MIT|CC BY|public domain|licence is this repository's own", paragraph)
        assert "://" in paragraph or "census" in paragraph or "from no data set of others" in paragraph


def test_the_licences_that_ask_for_it_stand_whole_with_their_copyright():
    assert "Copyright (c) 2021 Yale-LILY" in NOTICE
    apache = (ROOT / "layers/LICENSE-Apache-2.0").read_text()
    assert "TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION" in apache
    assert "END OF TERMS AND CONDITIONS" in apache


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
        assert (tmp_path / layer / "LICENSE-Apache-2.0").is_file()
