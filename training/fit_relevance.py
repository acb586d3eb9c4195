"""Fit the weights that say how likely a turn of a meeting helps to answer a question.

Data: QMSum (Yale-LILY, MIT), its `train` part alone: questions on a meeting, with the turns that people marked as
answering them. Ranking: a linear model of the signals, by the likelihood that the first turn answers (softmax over the
meeting). Likelihood: a logistic model of the ten best turns; questions on meetings of another kind stand in for those
that a meeting holds nothing on. Each question is matched by the network of `training/train_question_match.py` that did
not learn from its half of the meetings, so run that first, then this where scipy and the inference requirements are
installed:

    PYTHONPATH=.:layers/core python training/fit_relevance.py path/to/bench

It first prints the mean reciprocal rank of the first answering turn by cross-validation over groups of meetings (the
meetings of one AMI team stay together), then fits on all and writes `layers/inference/models/passage-relevance`.
"""

import argparse
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy
from scipy.optimize import minimize
from scipy.special import expit, logsumexp, softmax

from benchmarks.qmsum import meetings, turns
from besunny.inference.contracts.versions import EMBEDDED
from besunny.inference.engines.embedded import embedded_engine
from besunny.inference.engines.model_files import EmbeddedSettings
from besunny.inference.engines.question_match import MODEL as MATCH
from besunny.inference.engines.question_match import QuestionMatch
from besunny.inference.text import relevance
from besunny.inference.text.relevance import weighable
from training.model_folder import write
from training.qmsum_parts import group, half, kind

FOLDS, SEEDS = 4, (0, 1, 2)
PENALTY = 0.01
# Marked turns stand in long runs, so that the tenth answers as often as the third; a reader wants them apart.
LEAST_BEHIND = 0.35
BEST = 10  # turns of a question that the logistic model learns from
STRANGERS = 0.5  # questions that a meeting holds nothing on, for one that it does


@dataclass
class Asked:
    """A question with the signals of every turn; `answers` is all false for a stranger's."""

    name: str
    table: np.ndarray
    strengths: np.ndarray
    answers: np.ndarray


def read(bench, engine, halves):
    """Real questions, and strangers', each matched by the model that did not learn from its meeting."""
    held = meetings(bench, "train")
    first = half([meeting.request.meeting_id for meeting in held])
    models = {part: QuestionMatch(EmbeddedSettings(model_path=str(halves / part))) for part in "ab"}
    generator = np.random.default_rng(0)
    real, strange = [], []
    for meeting in held:
        name = meeting.request.meeting_id
        match = models["b" if name in first else "a"]
        asked = turns(meeting, engine, match)
        for text, marked in meeting.queries:
            answers = np.zeros(len(asked.passages.stems), dtype=bool)
            answers[[turn for turn in marked if turn < len(answers)]] = True
            real.append(Asked(name, *weighable(text, asked, engine, match), answers))
            if generator.random() < STRANGERS:
                others = [m for m in held if kind(m.request.meeting_id) != kind(name) and m.queries]
                other = others[generator.integers(len(others))].queries
                stranger, _ = other[generator.integers(len(other))]
                strange.append(Asked(name, *weighable(stranger, asked, engine, match), np.zeros_like(answers)))
    return real, strange


def fit_rank(asked):
    """The weights of the signals."""
    scale = np.vstack([a.table for a in asked]).std(axis=0) + 1e-6
    tables = [a.table / scale for a in asked]

    def loss(weights):
        total, slope = PENALTY * weights @ weights, 2 * PENALTY * weights
        for table, a in zip(tables, asked, strict=True):
            scores = table @ weights
            inside = np.where(a.answers, scores, -np.inf)
            total += (logsumexp(scores) - logsumexp(inside)) / len(asked)
            slope = slope + table.T @ (softmax(scores) - softmax(inside)) / len(asked)
        return total, slope

    return minimize(loss, np.zeros(len(scale)), jac=True, method="L-BFGS-B", options={"maxiter": 80}).x / scale


def rows(asked, rank):
    """What the logistic model sees of the best turns, and whether they answer."""
    found, right = [], []
    for a in asked:
        scores = a.table @ rank
        best = np.argsort(-scores, kind="stable")[:BEST]
        top = np.tile(a.strengths.max(axis=0), (len(best), 1))
        found.append(np.column_stack([np.ones(len(best)), scores[best] - scores.max(), top]))
        right.append(a.answers[best])
    return np.vstack(found), np.concatenate(right)


def fit_likelihood(table, right):
    """Bias, weight of the distance behind the best, weights of the greatest strengths; none speaks against."""

    def loss(weights):
        said = expit(table @ weights)
        total = -np.mean(np.where(right, np.log(said + 1e-9), np.log(1 - said + 1e-9)))
        return total + 1e-4 * weights @ weights, table.T @ (said - right) / len(right) + 2e-4 * weights

    bounds = [(None, None), (LEAST_BEHIND, None), *[(0, None)] * (table.shape[1] - 2)]
    return minimize(loss, np.zeros(table.shape[1]), jac=True, method="L-BFGS-B", bounds=bounds).x


def reciprocal_ranks(asked, rank):
    """Of each question, one by the rank of the first turn that answers it."""
    orders = [np.argsort(-(a.table @ rank), kind="stable") for a in asked]
    return [1 / (1 + int(np.argmax(a.answers[order]))) for a, order in zip(asked, orders, strict=True)]


def main(bench, halves, target):
    """Cross-validate, fit, write."""
    real, strange = read(bench, embedded_engine(), halves)
    groups = sorted({group(a.name) for a in real})
    for seed in SEEDS:
        order = np.random.default_rng(seed).permutation(groups).tolist()
        found, seen = [], []
        for fold in range(FOLDS):
            left_out = set(order[fold::FOLDS])
            rank = fit_rank([a for a in real if group(a.name) not in left_out])
            found += reciprocal_ranks([a for a in real if group(a.name) in left_out], rank)
            seen.append(rows([a for a in (*real, *strange) if group(a.name) in left_out], rank))
        error = np.std(found) / len(found) ** 0.5
        print(f"seed {seed}: MRR {100 * np.mean(found):.1f}, standard error {100 * error:.1f}", flush=True)
    # The logistic model learns from ranks that were not fitted to the same questions.
    table, right = np.vstack([s for s, _ in seen]), np.concatenate([r for _, r in seen])
    weights = fit_likelihood(table, right)
    said = expit(table @ weights)
    for name, asked in (("real", real), ("strangers'", strange)):
        best = [max(expit(rows([a], rank)[0] @ weights)) for a in asked]
        shares = {at: round(float(np.mean([b >= at for b in best])), 2) for at in (0.2, 0.25, 0.3, 0.35, 0.4)}
        print(f"{name} questions whose best turn reaches: {shares}")
    for low in np.arange(0, 1, 0.1):
        inside = (said >= low) & (said < low + 0.1)
        if inside.any():
            print(f"said {said[inside].mean():.2f}: right {right[inside].mean():.2f} of {inside.sum()}")
    held = {
        "rank": fit_rank(real).round(5).tolist(),
        "bias": round(float(weights[0]), 5),
        "behind": round(float(weights[1]), 5),
        "strength": weights[2:].round(5).tolist(),
    }
    described = {
        "name": relevance.MODEL,
        "version": relevance.VERSION,
        "encoder": EMBEDDED.model,
        "match": MATCH,
        "licence": "MIT",
        "source": f"QMSum (Yale-LILY, MIT), part train, {len(real)} questions",
        "script": "training/fit_relevance.py",
        "made_with": {"scipy": scipy.__version__, "numpy": np.__version__},
    }
    write(target, "weights.json", (json.dumps(held, indent=1) + "\n").encode(), described)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bench", type=Path)
    parser.add_argument("--halves", type=Path, default=Path(tempfile.gettempdir(), MATCH), help="of its training")
    parser.add_argument("--target", type=Path, default=Path(f"layers/inference/models/{relevance.MODEL}"))
    arguments = parser.parse_args()
    main(arguments.bench, arguments.halves, arguments.target)
