"""The encoder that matches passages with a question: shapes, order, and that it waits until something is asked."""

import numpy as np
import pytest

from besunny.errors import MisconfiguredError
from besunny.inference.engines.model_files import EmbeddedSettings
from besunny.inference.engines.question_match import QuestionMatch, question_match, spoken
from besunny.inference.text.token_match import SIGNALS

PARTS = [
    ["Shall we begin?"],
    ["The battery of the remote control must last two years.", "Solar cells are too weak."],
    [],
    ["Lunch comes at noon, and the sandwiches have cheese."],
]
SPEAKERS = ["Anna", "Bob", "Anna", "Eve"]


def test_tokens_of_passages_have_unit_vectors_owners_and_windows() -> None:
    read = question_match().read(PARTS, SPEAKERS)
    count = len(read.owners)
    assert read.vectors.shape == (count, 384)
    assert read.vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(read.vectors, axis=1), 1, atol=1e-4)
    np.testing.assert_allclose(np.linalg.norm(read.means, axis=1), 1, atol=1e-4)
    assert set(read.owners.tolist()) == {0, 1, 3}
    assert read.passages == len(PARTS)
    assert len(read.means) == read.windows.max() + 1


def test_the_passage_that_answers_matches_best_in_every_signal() -> None:
    model = question_match()
    long = [[" ".join(own * 15)] if own else [] for own in PARTS]  # each in a window of its own
    found = model.matches("How long must the battery last?", model.read(long, SPEAKERS))
    assert found.shape == (len(PARTS), SIGNALS)
    assert found.argmax(axis=0).tolist()[:3] == [1, 1, 1]


def test_a_window_depends_on_itself_alone() -> None:
    model = question_match()
    full = [own * 4 for own in PARTS[:2]]  # the next passage does not fit beside them
    alone, both = model.read(full, SPEAKERS[:2]), model.read([*full, ["noise " * 200]], [*SPEAKERS[:2], ""])
    first = both.vectors[: len(alone.vectors)]
    assert np.array_equal(alone.vectors, first)


def test_nothing_said_and_nothing_asked() -> None:
    model = question_match()
    assert model.matches("Which battery?", model.read([[], []], ["", ""])).tolist() == [[0] * SIGNALS] * 2
    assert np.isfinite(model.matches("", model.read(PARTS, SPEAKERS))).all()


def test_speakers_are_read_where_something_is_said() -> None:
    assert spoken([["Yes.", "No."], [], ["So."]], ["Anna", "Bob", ""]) == ["Anna: Yes. No.", "", "So."]


def test_it_is_opened_by_the_first_text() -> None:
    model = QuestionMatch(EmbeddedSettings(model_path="/nowhere"))
    with pytest.raises(MisconfiguredError):
        model.read(PARTS, SPEAKERS)
