"""Which sentences of mail ask for an action, against the labels of ParakweetLabs/EmailIntentDataSet."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

from benchmarks.quality.frame import Row, existing
from besunny.inference.engines.action_intent import MODEL, VERSION, asks_for_action
from besunny.inference.engines.model_files import EmbeddedSettings, model_folder

SHARE = 0.31  # of sentences that ask, in mail as it comes; `train.txt` has more
KEYWORDS = re.compile(r"\b(?:please|can you|could you|would you|let me know|need you|let's)\b|\?\s*$", re.IGNORECASE)


def rows(bench: Path) -> list[Row]:
    """F1 of `asks_for_action` on `test.txt` where the folder has one; the baseline is key words.

    The shipped model has seen all of `train.txt`: without a test file, the figure is the one that its training script
    measured out of fold by the same function, and the baseline is measured here.
    """
    folder = existing(bench / "email_intent")
    test = folder / "test.txt"
    if test.exists():
        sentences, labels = read(test)
        taken = [bool(asks) for asks in asks_for_action(sentences)]
        measured, data = f"{f1(labels, taken, None):.1f}", f"test.txt, {len(labels)} sentences"
    else:
        sentences, labels = read(existing(folder / "train.txt"))
        described = json.loads((model_folder(EmbeddedSettings(), MODEL, VERSION) / "MODEL.json").read_text())
        validated = described["cross_validation"]
        measured = f"{validated['f1']} (not measured in this run: {validated['what']})"
        data = f"train.txt, {len(labels)} sentences weighted to {SHARE:.0%} yes"
    share = None if test.exists() else SHARE
    baseline = f1(labels, [KEYWORDS.search(sentence) is not None for sentence in sentences], share)
    return [Row("e-mail action intent", data, "F1, %", measured, f"{baseline:.1f} (key words)")]


def read(path: Path) -> tuple[list[str], list[bool]]:
    """Sentences, and whether each asks."""
    lines = [line for line in path.read_text(encoding="utf-8", errors="replace").split("\n") if "\t" in line]
    pairs = [line.split("\t", 1) for line in lines]
    return [sentence for _, sentence in pairs], [label == "Yes" for label, _ in pairs]


def f1(labels: Sequence[bool], taken: Sequence[bool], share: float | None) -> float:
    """F1 in percent; with a share, sentences weigh so that this share of them asks."""
    asking = sum(labels) / len(labels)
    yes, no = (1.0, 1.0) if share is None else (share / asking, (1 - share) / (1 - asking))
    weights = [yes if label else no for label in labels]
    right = sum(w for w, label, take in zip(weights, labels, taken, strict=True) if label and take)
    said = sum(w for w, take in zip(weights, taken, strict=True) if take)
    return 200 * right / (said + sum(w for w, label in zip(weights, labels, strict=True) if label))
