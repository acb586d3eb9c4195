"""Fit the weights that turn signals into confidences, and print how well they are calibrated.

Data: CLINC150 (clinc/oos-eval, CC BY 3.0), its `train` part to fit and its `val` part to check; nothing of it is kept
but the seven numbers a mode. Each task draws some intents as projects and asks for texts of them and of others. Run
where numpy, scipy and the inference requirements are installed:

    PYTHONPATH=layers/core python training/fit_confidence.py path/to/clinc150/data.json
"""

import argparse
import json
from collections import defaultdict
from dataclasses import asdict
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from besunny.inference.classification import confidence, few_shot, lexical, profiles, similarity
from besunny.inference.classification.reading import read
from besunny.inference.contracts.common import Document, Project
from besunny.inference.engines.embedded import embedded_engine

SEED = 7
TASKS, CHECKS = 60, 30
PROJECTS = (2, 4, 8, 16, 40)
INSIDE, OUTSIDE = 30, 14
EXAMPLES = (1, 3, 5, 10)
START = {
    "near": 12.0,
    "words": 2.0,
    "logits": 0.5,
    "any_near": 10.0,
    "any_words": 2.0,
    "any_margin": 1.0,
    "any_bias": -4.0,
}


def intents(pairs):
    """Texts by intent."""
    found = defaultdict(list)
    for text, intent in pairs:
        found[intent].append(text)
    return dict(found)


def task(asked, taught, generator, engine, with_examples):
    """Signals and right answer (-1: none of them) of each question of one drawn task."""
    names = generator.permutation(sorted(taught))
    count = int(generator.choice(PROJECTS))
    chosen, others = names[:count], names[count:]
    shots = int(generator.choice(EXAMPLES)) if with_examples else 0
    projects = [
        Project(
            id=name,
            name=name.replace("_", " "),
            examples=[str(t) for t in generator.choice(taught[name], shots, replace=False)] if shots else [],
        )
        for name in chosen
    ]
    held = profiles.profile(projects, engine)
    classifier = few_shot.train(held) if shots else None
    questions = []
    for _ in range(INSIDE):
        at = int(generator.integers(count))
        questions.append((str(generator.choice(asked[chosen[at]])), at))
    questions += [(str(generator.choice(asked[name])), -1) for name in generator.choice(others, OUTSIDE)]
    found = []
    for text, right in questions:
        document = Document(content_text=text)
        reading = read(document, engine)
        hits = lexical.matches(document, lexical.DocumentWords.of(document), projects)
        signals = confidence.Signals(
            similarity.nearness(reading, held),
            np.array([lexical.strength(own) for own in hits], dtype=np.float32),
            classifier.logits(reading.centre) if classifier else None,
        )
        found.append((signals, right))
    return found


def loss(values, questions):
    """Mean negative log likelihood of the right answers, weights kept from growing."""
    weights = confidence.Weights(**dict(zip(START, [*np.abs(values[:-1]).tolist(), values[-1]], strict=True)))
    total = 0.0
    for signals, right in questions:
        shares = confidence.probabilities(signals, weights).astype(float)
        total -= np.log(max(shares[right] if right >= 0 else 1 - shares.sum(), 1e-6))
    return total / len(questions) + 1e-5 * float(np.square(values).sum())


def report(name, questions, weights):
    """Print accuracy and calibration."""
    said, right, inside = [], [], []
    for signals, answer in questions:
        shares = confidence.probabilities(signals, weights)
        best = int(shares.argmax())
        said.append(float(shares[best]))
        right.append(best == answer)
        inside += [best == answer] if answer >= 0 else []
    kept = [ok for share, ok in zip(said, right, strict=True) if share >= 0.5]
    print(
        f"{name}: accuracy inside {np.mean(inside):.3f}; at 0.5 or more {len(kept) / len(said):.2f} answered, "
        f"{np.mean(kept):.3f} of them right; calibration error {confidence.expected_calibration_error(said, right):.3f}"
    )


def main(data, target):
    """Fit both modes and write them."""
    engine = embedded_engine()
    read_data = json.loads(data.read_text())
    taught, checked = intents(read_data["train"]), intents(read_data["val"])
    generator = np.random.default_rng(SEED)
    found = {"source": "training/fit_confidence.py on CLINC150 train (CC BY 3.0), checked on val", "seed": SEED}
    for mode in ("described", "exampled"):
        tasks = [task(taught, taught, generator, engine, mode == "exampled") for _ in range(TASKS)]
        questions = [question for one in tasks for question in one]
        best = minimize(loss, list(START.values()), args=(questions,), method="Powell", options={"maxiter": 12})
        values = [round(v, 3) for v in [*np.abs(best.x[:-1]).tolist(), float(best.x[-1])]]
        weights = confidence.Weights(**dict(zip(START, values, strict=True)))
        checks = [q for _ in range(CHECKS) for q in task(checked, taught, generator, engine, mode == "exampled")]
        report(f"{mode} fit", questions, weights)
        report(f"{mode} check", checks, weights)
        found[mode] = asdict(weights)
        print(mode, found[mode])
    target.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--target", type=Path, default=Path(confidence.__file__).with_name("confidence.json"))
    arguments = parser.parse_args()
    main(arguments.data, arguments.target)
