"""What the meeting holds on each question: the turns that speak of it, and of each its most telling sentence."""

from collections.abc import Sequence
from itertools import groupby

import numpy as np

from besunny.inference.contracts.meeting_intelligence import AnsweringPlace, QuestionAnswer, Segment
from besunny.inference.engines.protocol import Engine
from besunny.inference.meeting_intelligence.sentences import Sentence, evidence
from besunny.inference.text.relevance import passages, relevance

THRESHOLD = 0.25  # of what a meeting answers 96 in 100 questions reach it, of others one in twenty
MOST = 5  # places of an answer
_NEAR = 0.5  # of the first place's cosine; a turn may stand high by its neighbours alone
_TURN_WORDS = 150  # a longer turn is read in parts


def answers(
    questions: Sequence[str], spoken: Sequence[Sentence], segments: Sequence[Segment], engine: Engine
) -> list[QuestionAnswer]:
    """The places that speak of each question, best first; none where no turn reaches `THRESHOLD`."""
    if not questions:
        return []
    turns = _turns(spoken)
    parts = [[sentence.text for sentence in turn] for turn in turns]
    asked = passages(parts, engine, [turn[0].speaker for turn in turns])
    found = []
    for text in questions:
        scores = relevance(text, asked, engine)
        best = [at for at in np.argsort(-scores, kind="stable")[:MOST].tolist() if scores[at] >= THRESHOLD]
        nearest = [_nearest(turns[at], text, engine) for at in best]
        places = [
            AnsweringPlace(
                **evidence(sentence, segments).model_dump(),
                end_segment_index=turns[at][-1].parts[-1].segment,
                score=round(float(scores[at]), 4),
            )
            for at, (sentence, near) in zip(best, nearest, strict=True)
            if near >= _NEAR * nearest[0][1]
        ]
        found.append(QuestionAnswer(question=text, segments=places))
    return found


def _turns(spoken: Sequence[Sentence]) -> list[list[Sentence]]:
    """Sentences that follow each other by one speaker, in parts of about `_TURN_WORDS` words."""
    found: list[list[Sentence]] = []
    for _, run in groupby((s for s in spoken if s.text), key=lambda sentence: sentence.speaker):
        words = _TURN_WORDS
        for sentence in run:
            if words >= _TURN_WORDS:
                found.append([])
                words = 0
            found[-1].append(sentence)
            words += len(sentence.text.split())
    return found


def _nearest(turn: Sequence[Sentence], question: str, engine: Engine) -> tuple[Sentence, float]:
    """The sentence of a turn that is nearest to the question, and its cosine."""
    vectors = engine.embed([question, *(sentence.text for sentence in turn)])
    near = vectors[1:] @ vectors[0]
    best = int(np.argmax(near))
    return turn[best], float(near[best])
