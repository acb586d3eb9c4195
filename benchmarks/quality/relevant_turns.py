"""Which turns of a meeting answer a question, against the turns that people marked."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from benchmarks.qmsum import meetings, turns
from benchmarks.quality.frame import Row
from besunny.inference.engines.embedded import embedded_engine
from besunny.inference.text.relevance import relevance


def rows(bench: Path) -> list[Row]:
    """Mean reciprocal rank of the first answering turn by `relevance`; the baseline ranks by the cosine alone."""
    engine = embedded_engine()
    ours, bare = [], []
    for meeting in meetings(bench, "val"):
        asked = turns(meeting, engine)
        for question, answers in meeting.queries:
            ours.append(_reciprocal_rank(relevance(question, asked, engine).tolist(), answers))
            cosines = asked.passages.vectors @ engine.embed([question])[0]
            bare.append(_reciprocal_rank(cosines.tolist(), answers))
    figure = "MRR, first answering turn"
    baseline = f"{100 * np.mean(bare):.1f} (cosine)"
    return [
        Row("question to turns", f"QMSum val, {len(ours)} questions", figure, f"{100 * np.mean(ours):.1f}", baseline)
    ]


def _reciprocal_rank(scores: list[float], answers: Iterable[int]) -> float:
    order = sorted(range(len(scores)), key=lambda turn: (-scores[turn], turn))
    places = {turn: place for place, turn in enumerate(order, 1)}
    return 1 / min(places[turn] for turn in answers if turn in places)
