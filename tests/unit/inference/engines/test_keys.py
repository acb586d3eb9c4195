"""Keys of engines: the newline of a file goes, and what no header takes is refused without being shown."""

import pytest

from besunny.errors import EngineFailedError
from besunny.inference.contracts.engine_config import OpenAiCompatible
from besunny.inference.engines import chosen

HOUSE = {
    "kind": "openai_compatible",
    "base_url": "http://127.0.0.1:9/v1",
    "model": "m",
    "api_key_secret": "s/engines/k",
}


def key_of(stored, monkeypatch):
    monkeypatch.setattr("besunny.aws.secrets.secret_value", lambda _: stored)
    return chosen._key(OpenAiCompatible.model_validate(HOUSE))


def test_the_newline_that_files_end_with_is_no_part_of_a_key(monkeypatch):
    assert key_of("sk-1\n", monkeypatch) == "sk-1"


@pytest.mark.parametrize("stored", ["sk-1\nX: y", "sk-\u00e9", "sk-1\x00"])
def test_what_no_header_takes_is_refused_and_not_shown(stored, monkeypatch):
    with pytest.raises(EngineFailedError) as refused:
        key_of(stored, monkeypatch)
    assert "sk-" not in str(refused.value)
