"""Which topic, by a name and a sentence of description alone: the domains of CLINC150."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from benchmarks.quality.classification import NOW
from benchmarks.quality.frame import Row, existing
from besunny.inference.classification.classify import classify
from besunny.inference.contracts.classification import ClassificationRequest
from besunny.inference.contracts.common import Document, Project
from besunny.inference.engines.embedded import embedded_engine

sys.path.append(str(Path(__file__).parents[2] / "training"))

from classification_tasks import INTENTS, TOPICS

# Every such question of `val` is asked.
EVERY = 5


def rows(bench: Path) -> list[Row]:
    """Accuracy of the best project, chosen or not, and how many were chosen and how many of those are right."""
    data = json.loads(existing(bench / "clinc150/data.json").read_text())
    topic_of = {intent: topic for topic, intents in INTENTS.items() for intent in intents.split()}
    asked = [(text, topic_of[intent]) for text, intent in data["val"] if intent in topic_of][::EVERY]
    projects = [Project(id=name, name=name, description=text) for name, text in TOPICS.items()]
    best, chosen = [], []
    for text, _ in asked:
        request = ClassificationRequest(document=Document(content_text=text), projects=projects)
        answer = classify(request, embedded_engine(), now=NOW)
        chosen.append(not answer.unclassified)
        best.append(answer.project_id or next((one.project_id for one in answer.alternatives), ""))
    right = np.array([name == topic for name, (_, topic) in zip(best, asked, strict=True)])
    taken = np.array(chosen)
    vectors = embedded_engine().embed([f"{name}. {text}" for name, text in TOPICS.items()])
    cosines = embedded_engine().embed([text for text, _ in asked]) @ vectors.T
    nearest = np.array(
        [list(TOPICS)[at] == topic for at, (_, topic) in zip(cosines.argmax(axis=1), asked, strict=True)]
    )
    measured = f"{_percent(right)} / {_percent(taken)} / {_percent(right[taken])}"
    of = f"CLINC150 val (every {EVERY}th), {len(TOPICS)} topics by name and description, {len(asked)} questions"
    figure = "accuracy of the best / chosen / right of the chosen, %"
    return [Row("topics by description", of, figure, measured, f"{_percent(nearest)} (cosine)")]


def _percent(flags: np.ndarray) -> str:
    return f"{100 * flags.mean():.1f}"
