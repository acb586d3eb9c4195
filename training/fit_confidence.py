"""Fit the weights that turn signals into confidences, and print how well they are calibrated.

Data: see `classification_tasks.py`; the `train` part of CLINC150 and the `tuned` cases of everyday post to fit, `val`
to check. Nothing of it is kept but fourteen numbers a mode. Run where torch (2.13) and the inference
requirements are installed; takes about five minutes on one core:

    PYTHONPATH=layers/core python training/fit_confidence.py path/to/clinc150/data.json
"""

import argparse
import json
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np
import torch
from classification_tasks import NONE, POST, SHOTS, SIZES, Clinc, everyday

from besunny.inference.classification import confidence
from besunny.inference.classification.confidence import Weights
from besunny.inference.classification.lexical import DocumentWords
from besunny.inference.classification.reading import read
from besunny.inference.classification.signals import signals_of
from besunny.inference.engines.embedded import embedded_engine

SEED = 7
STEPS = 300
TASKS = {"named": 40, "described": 40, "exampled": 40, "crowded": 14}
# How many of the questions are of none: better unclassified than guessed where little is known of the projects.
NONE_SHARE = {"named": 1 / 3, "described": 1 / 3, "exampled": 1 / 3, "crowded": 1 / 4}
SMALL = 1e-5
# No single word makes certain.
PENALTY = 1e-3
NAMES = [field.name for field in fields(Weights)]
AMONG, ANY = NAMES[:6], NAMES[6:]
# Weights are fitted in these units, so that a step means as much in each.
UNITS = dict(zip(NAMES, (10, 10, 1, 1, 1, 10, 10, 10, 1, 1, 10, 1, 10, 3), strict=True))


class Remembering:
    """An engine that computes each text once."""

    def __init__(self, engine):
        self._engine, self._vectors = engine, {}

    def __getattr__(self, name):
        return getattr(self._engine, name)

    def embed(self, texts):
        """As the engine does."""
        missing = list(dict.fromkeys(text for text in texts if text not in self._vectors))
        if missing:
            self._vectors.update(zip(missing, self._engine.embed(missing), strict=True))
        return np.array([self._vectors[text] for text in texts], dtype=np.float32).reshape(len(texts), -1)


def answered(task, engine):
    """Signals and right answer of each question of a task."""
    found = []
    for document, right in task.questions:
        reading = read(document, engine)
        spoken = signals_of(document, DocumentWords.of(document), reading, task.projects, engine)
        found.append((spoken.signals, right))
    return found


def packed(questions):
    """Signals as arrays [questions, signal, projects], -inf where there is no such project."""
    most = max(len(signals.middle) for signals, _ in questions)
    among = np.zeros((len(questions), len(AMONG), most))
    mask = np.full((len(questions), most), -np.inf)
    background, right = np.zeros(len(questions)), np.zeros(len(questions), dtype=int)
    for at, (signals, answer) in enumerate(questions):
        for number, name in enumerate(AMONG):
            values = getattr(signals, name)
            if values is not None:
                among[at, number, : len(values)] = values - (values.mean() if name == "telling" else 0)
        mask[at, : len(signals.middle)] = 0
        background[at], right[at] = signals.background, answer
    return among, mask, background, right


def negative_log_likelihood(values, arrays):
    """Mean over questions by importance; the same formula as `confidence.probabilities`, on all at once."""
    among, mask, background, right, importance = arrays
    weights = dict(zip(NAMES, values * torch.tensor(list(UNITS.values())), strict=True))
    scores = torch.einsum("qsp,s->qp", among, torch.stack([weights[name] for name in AMONG])) + mask
    shares = torch.softmax(scores, dim=1)
    ranked = torch.sort(shares, dim=1).values
    margin = ranked[:, -1] - (ranked[:, -2] if shares.shape[1] > 1 else 0)
    at = scores.argmax(dim=1)[:, None, None].expand(-1, len(AMONG), 1)
    signal = dict(zip(AMONG, torch.gather(among, 2, at)[:, :, 0].T, strict=True))
    for_any = sum(weights[f"any_{name}"] * signal[name] for name in ("middle", "best", "words", "shared", "typical"))
    for_any = for_any + weights["any_margin"] * margin - weights["any_background"] * background + weights["any_bias"]
    one = torch.sigmoid(for_any)
    chosen = torch.where(right == NONE, 1 - one, torch.gather(shares, 1, right.clamp(min=0)[:, None])[:, 0] * one)
    loss = -torch.log(chosen.clamp(min=SMALL))
    return (importance * loss).sum() / importance.sum() + PENALTY * values.square().sum()


def fit(kinds, none_share):
    """Weights of least loss over the questions of each kind; kinds weigh alike, and in each those of none as said."""
    questions, importance = [], []
    for own in kinds.values():
        none = sum(right == NONE for _, right in own)
        importance += [none_share / none if right == NONE else (1 - none_share) / (len(own) - none) for _, right in own]
        questions += own
    arrays = [torch.tensor(array) for array in (*packed(questions), np.array(importance))]
    values = torch.tensor([0.5] * (len(NAMES) - 1) + [-1.0], dtype=torch.float64, requires_grad=True)
    descent = torch.optim.Adam([values], lr=0.05)
    for _ in range(STEPS):
        descent.zero_grad()
        negative_log_likelihood(values, arrays).backward()
        descent.step()
        with torch.no_grad():
            values[:-1].clamp_(min=0)
    return Weights(**{n: round(v * UNITS[n], 3) for n, v in zip(NAMES, values.tolist(), strict=True)})


def report(name, questions, weights):
    """Print accuracy, calibration and how well those of none are told (area under the curve)."""
    said, right, inside = [], [], []
    for signals, answer in questions:
        shares = confidence.probabilities(signals, weights)
        best = int(shares.argmax())
        said.append(float(shares[best]))
        right.append(best == answer)
        inside.append(answer != NONE)
    said, right, inside = np.array(said), np.array(right), np.array(inside)
    kept = said >= 0.5
    above = (said[inside][:, None] > said[~inside]).mean() + (said[inside][:, None] == said[~inside]).mean() / 2
    print(
        f"{name:28s} accuracy {right[inside].mean():.3f} none-AUROC {above:.3f} calibration error "
        f"{confidence.expected_calibration_error(said.tolist(), right.tolist()):.3f}; at 0.5: {kept.mean():.2f} "
        f"answered, {right[kept].mean():.3f} right",
        flush=True,
    )


def drawn(mode, clinc, engine, seed, count):
    """Questions of each kind that tells of a mode: CLINC150's intents, its topics, everyday post."""
    generator = np.random.default_rng(seed)
    kinds = {"named": ("intents",), "described": ("topics", *POST), "exampled": ("intents", *POST)}
    kinds = kinds.get(mode, ("intents",))
    shots = SHOTS if mode in ("exampled", "crowded") else (0,)
    sizes = {"named": (*SIZES, 150), "exampled": SIZES[:-1], "crowded": (25, 40, 80, 150)}
    found = {kind: [] for kind in kinds}
    for _ in range(count):
        if "intents" in kinds:
            size = int(generator.choice(sizes[mode]))
            found["intents"] += answered(clinc.intents(generator, size, int(generator.choice(shots))), engine)
        if "topics" in kinds:
            found["topics"] += answered(clinc.topics(generator, int(generator.integers(1, 7))), engine)
        for post in POST.keys() & set(kinds):
            task = everyday(generator, post, "tuned", int(generator.integers(1, 9)), 2 if mode == "exampled" else 0)
            found[post] += answered(task, engine)
    return found


def main(data, target, modes):
    """Fit these modes and write them beside the others."""
    torch.set_num_threads(1)
    engine = Remembering(embedded_engine())
    taught, checked = Clinc(data, "train"), Clinc(data, "val")
    found = json.loads(target.read_text())
    found |= {"source": "training/fit_confidence.py: CLINC150 train (CC BY 3.0), tests/data/everyday", "seed": SEED}
    for mode in modes:
        kinds = drawn(mode, taught, engine, SEED, TASKS[mode])
        weights = fit(kinds, NONE_SHARE[mode])
        for kind, questions in kinds.items():
            report(f"{mode} {kind} fit", questions, weights)
        for kind, questions in drawn(mode, checked, engine, SEED + 1, TASKS[mode] // 2).items():
            report(f"{mode} {kind} {'drawn anew' if kind in POST else 'check'}", questions, weights)
        found[mode] = asdict(weights)
        print(mode, found[mode])
    target.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--target", type=Path, default=Path(confidence.__file__).with_name("confidence.json"))
    parser.add_argument("--modes", nargs="+", choices=TASKS, default=list(TASKS))
    arguments = parser.parse_args()
    main(arguments.data, arguments.target, arguments.modes)
