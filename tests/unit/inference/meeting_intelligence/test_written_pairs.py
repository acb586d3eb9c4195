"""What the wording of a sentence says of its worth to a summary."""

import numpy as np

from besunny.inference.meeting_intelligence.sentence_features import Row
from besunny.inference.meeting_intelligence.sentences import Sentence
from besunny.inference.meeting_intelligence.written_pairs import pair_features


def _row(text: str) -> Row:
    return Row.of(Sentence(0, "Ann", (), text, text))


def test_pairs_that_people_write_count_for_a_sentence_and_those_of_speech_against_it() -> None:
    weights = {"< the": 1.0, "the project": 2.0, "i mean": -3.0}
    written, spoken, neither = pair_features(
        [_row("The project is late."), _row("I mean the project."), _row("We ship.")], weights
    )
    assert np.allclose(written, [3 / 12, 3 / 12, 2])  # four words and eight
    assert np.allclose(spoken, [-1 / 12, 2 / 12, 2])
    assert np.allclose(neither, [0, 0, 0])
