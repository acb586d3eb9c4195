import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from besunny.errors import MisconfiguredError
from besunny.inference.contracts.versions import EMBEDDED, engine_order
from besunny.inference.engines.embedded import LONGEST, EmbeddedEngine, embedded_engine
from besunny.inference.engines.model_files import EmbeddedSettings, model_folder

FOLDER = model_folder(EmbeddedSettings())


def copy_of_model(target: Path) -> Path:
    folder = target / EMBEDDED.model
    shutil.copytree(FOLDER, folder)
    return folder


def test_the_model_is_the_one_that_was_described() -> None:
    described = json.loads((FOLDER / "MODEL.json").read_text())
    assert described["licence"] == "Apache-2.0"
    for name, file in described["files"].items():
        assert hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() == file["sha256"]


def test_what_the_model_says_of_known_sentences() -> None:
    first, second, third = embedded_engine().embed(
        ["How do I reset my password?", "I forgot my login credentials", "The cake needs three eggs"]
    )
    # The original weights give 0.678 and 0.010 in torch.
    assert first @ second == pytest.approx(0.678, abs=0.02)
    assert first @ third == pytest.approx(0.010, abs=0.02)


def test_equal_texts_are_one_row_and_order_is_kept() -> None:
    engine = embedded_engine()
    found = engine.embed(["b", "a", "b"])
    assert np.array_equal(found[0], found[2])
    assert np.array_equal(found[1], engine.embed(["a"])[0])
    assert found.dtype == np.float32
    assert engine.embed([]).shape == (0, 384)


def test_a_text_beyond_one_pass_is_read_to_its_end() -> None:
    engine = embedded_engine()
    filler = "the weather is calm today and nothing happens " * 60
    assert engine.count_tokens([filler])[0] > LONGEST
    question = engine.embed(["invoices and payments"])[0]
    plain, ended = engine.embed([filler, filler + "invoices payments bank money " * 60])
    assert ended @ question > plain @ question + 0.1
    assert np.linalg.norm(ended) == pytest.approx(1, abs=1e-5)


def test_tokens_end_where_their_text_does() -> None:
    engine = embedded_engine()
    text = "Unbelievable prices, really"
    ends = engine.token_ends(text)
    assert len(ends) == engine.count_tokens([text])[0]
    assert ends == sorted(ends)
    assert ends[-1] == len(text)


def test_the_version_is_known_without_the_model() -> None:
    assert engine_order("", "acme", "embeddings") == [[EmbeddedEngine(EmbeddedSettings(model_path="/nowhere")).info]]


def test_a_missing_model_names_the_setting(tmp_path: Path) -> None:
    with pytest.raises(MisconfiguredError, match="MODEL_PATH"):
        EmbeddedEngine(EmbeddedSettings(model_path=str(tmp_path))).embed(["a"])


def test_a_model_cut_short_is_refused(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    with (folder / "model.onnx").open("r+b") as file:
        file.truncate(1000)
    with pytest.raises(MisconfiguredError, match=r"model\.onnx is missing or cut short"):
        model_folder(EmbeddedSettings(model_path=str(tmp_path)))


def test_a_model_of_another_version_is_refused(tmp_path: Path) -> None:
    folder = copy_of_model(tmp_path)
    described = json.loads((folder / "MODEL.json").read_text())
    (folder / "MODEL.json").write_text(json.dumps({**described, "version": "999"}))
    with pytest.raises(MisconfiguredError, match="999"):
        model_folder(EmbeddedSettings(model_path=str(tmp_path)))
