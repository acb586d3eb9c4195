"""Which project, or none: CLINC150 with five examples of each intent."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from benchmarks.quality.frame import Row, existing
from besunny.inference.classification.classify import classify
from besunny.inference.classification.confidence import expected_calibration_error
from besunny.inference.contracts.classification import ClassificationAnswer, ClassificationRequest
from besunny.inference.contracts.common import Document, Project
from besunny.inference.engines.embedded import embedded_engine

SEEDS, SHOTS = (0, 1, 2), 5
# Every such question of `val` is asked, so that three seeds take minutes.
EVERY = 6
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def rows(bench: Path) -> list[Row]:
    """Accuracy, out-of-scope AUROC and calibration of `classify`; the baseline is the nearest mean of the examples."""
    data = json.loads(existing(bench / "clinc150/data.json").read_text())
    runs = np.array([_run(data, seed) for seed in SEEDS])
    ours, bare = _said(runs[:, 0]), _said(runs[:, 1, :2])
    of = f"CLINC150 val (every {EVERY}th) and oos_val, {SHOTS} examples of train, seeds {SEEDS}"
    figure = "accuracy / out-of-scope AUROC / calibration error, %"
    return [Row("few-shot projects", of, figure, ours, f"{bare} (nearest mean, no label's name)")]


def _run(data: dict[str, list[list[str]]], seed: int) -> list[list[float]]:
    generator = np.random.default_rng(seed)
    names = sorted({intent for _, intent in data["train"]})
    texts = {name: [text for text, intent in data["train"] if intent == name] for name in names}
    projects = [
        Project(
            id=name, name=name.replace("_", " "), examples=generator.choice(texts[name], SHOTS, replace=False).tolist()
        )
        for name in names
    ]
    asked = data["val"][seed::EVERY] + [[text, ""] for text, _ in data["oos_val"]]
    answers = [_answer(text, projects) for text, _ in asked]
    best = [answer.project_id or next((a.project_id for a in answer.alternatives), "") for answer in answers]
    right = np.array([chosen == intent for chosen, (_, intent) in zip(best, asked, strict=True)])
    inside = np.array([bool(intent) for _, intent in asked])
    said = np.array([answer.confidence for answer in answers])
    error = expected_calibration_error(said.tolist(), right.tolist())
    engine = embedded_engine()
    means = np.array([engine.embed(project.examples).mean(axis=0) for project in projects])
    cosines = engine.embed([text for text, _ in asked]) @ (means / np.linalg.norm(means, axis=1, keepdims=True)).T
    nearest = np.array([names[at] == intent for at, (_, intent) in zip(cosines.argmax(axis=1), asked, strict=True)])
    return [
        [float(right[inside].mean()), _auroc(said, inside), error],
        [float(nearest[inside].mean()), _auroc(cosines.max(axis=1), inside), 0.0],
    ]


def _answer(text: str, projects: list[Project]) -> ClassificationAnswer:
    request = ClassificationRequest(document=Document(content_text=text), projects=projects)
    return classify(request, embedded_engine(), now=NOW)


def _auroc(said: np.ndarray, inside: np.ndarray) -> float:
    above = said[inside][:, None] - said[~inside]
    return float((above > 0).mean() + (above == 0).mean() / 2)


def _said(runs: np.ndarray) -> str:
    means, spread = 100 * runs.mean(axis=0), 100 * runs.std(axis=0)
    return " / ".join(f"{mean:.1f} ±{off:.1f}" for mean, off in zip(means, spread, strict=True))
