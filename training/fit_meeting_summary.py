"""Fit the trees that say how well a sentence stands in the summary of its meeting.

Data: QMSum (Yale-LILY, MIT), its `train` part alone: what people wrote of each meeting as a whole (what they wrote of
its parts is about details, and made the trees worse). A sentence's worth is how many words and pairs of words it shares
with that, by its length, standardised within the meeting. How people write, of the whole and of parts, is told by pairs
of words that are likelier there than in speech; a meeting's own writers have no part in its weights. Nothing of the
data is kept but the trees, those weights, and the axes along which its sentences' vectors vary most.
Run where lightgbm 4.7.0, rouge-score 0.1.2 and the inference requirements are installed:

    PYTHONPATH=.:layers/core python training/fit_meeting_summary.py path/to/bench

It first prints ROUGE by cross-validation over groups of meetings (the meetings of one AMI team stay together), for
several seeds, then fits on all of `train` and writes `layers/inference/models/meeting-summary`.
"""

import argparse
import io
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import lightgbm
import numpy as np
from rouge_score import rouge_scorer
from rouge_score.tokenizers import DefaultTokenizer

from benchmarks.qmsum import meetings
from besunny.inference.contracts.versions import EMBEDDED
from besunny.inference.engines.embedded import embedded_engine
from besunny.inference.meeting_intelligence import summary
from besunny.inference.meeting_intelligence.sentence_features import features
from besunny.inference.meeting_intelligence.sentences import sentences
from besunny.inference.meeting_intelligence.service import SUMMARY_WORDS
from besunny.inference.meeting_intelligence.words import tokens
from besunny.inference.meeting_intelligence.written_pairs import pair_features, pairs
from training.model_folder import write
from training.trees import arrays

AXES, ROUNDS, FOLDS, SEEDS = 24, 250, 4, (0, 1, 2)
PARTS, OFTEN, MOST_LIKELY = 8, 4, 3.0  # of the pairs: parts of the data, least count, and bound of a weight
PAIR = 3  # what a shared pair of words counts, beside a word
WORDS = SUMMARY_WORDS[1]
PARAMETERS = {
    "objective": "regression",
    "learning_rate": 0.04,
    "num_leaves": 15,
    "min_data_in_leaf": 60,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 5,
    "num_threads": 1,
    "deterministic": True,
    "verbose": -1,
}
TOKENIZER = DefaultTokenizer(use_stemmer=True)


@dataclass
class Case:
    """A training meeting."""

    group: str
    rows: list
    table: np.ndarray
    vectors: np.ndarray
    worth: np.ndarray
    summaries: list
    written: list
    wording: np.ndarray | None = None


def case(meeting, engine):
    """A meeting with its features and the worth of its sentences."""
    spoken = [s for s in sentences(meeting.request.segments) if s.text]
    rows = summary.worth_reading(spoken)
    # Rounded, so that the last bits of one machine's arithmetic do not choose a split.
    vectors = engine.embed([row.sentence.text for row in rows]).astype(np.float16).astype(np.float32)
    said = [TOKENIZER.tokenize(row.sentence.text) for row in rows]
    name = meeting.request.meeting_id
    group = name[:-1] if name[:2] in ("ES", "IS", "TS") else name
    table = features(rows, spoken, vectors)
    written = [*meeting.summaries, *meeting.details]
    return Case(group, rows, table, vectors, shared(said, meeting.summaries), meeting.summaries, written)


def pair_weights(cases):
    """How much likelier a pair of words is in what people wrote than in what was said, as a logarithm."""
    written = Counter(pair for c in cases for text in c.written for pair in pairs(tokens(text)))
    said = Counter(pair for c in cases for row in c.rows for pair in pairs(row.words))
    ratio = np.log(sum(said.values()) / sum(written.values()))
    found = {
        pair: np.log((count + 0.5) / (said[pair] + 0.5)) + ratio for pair, count in written.items() if count >= OFTEN
    }
    return {pair: float(np.clip(weight, -MOST_LIKELY, MOST_LIKELY)) for pair, weight in sorted(found.items())}


def word(cases):
    """Give each case its features of wording, by the weights of the other parts of the data."""
    order = np.random.default_rng(SEEDS[0]).permutation(sorted({c.group for c in cases})).tolist()
    part = {group: number % PARTS for number, group in enumerate(order)}
    for number in range(PARTS):
        weights = pair_weights([c for c in cases if part[c.group] != number])
        for c in cases:
            if part[c.group] == number:
                c.wording = pair_features(c.rows, weights)


def shared(said, written):
    """How much of what people wrote each sentence holds, mean 0 and deviation 1."""
    texts = [TOKENIZER.tokenize(text) for text in written]
    words = {word for text in texts for word in text}
    pairs = {pair for text in texts for pair in pairwise(text)}
    found = np.array(
        [(len(words & set(own)) + PAIR * len(pairs & set(pairwise(own)))) / (len(own) + 8) for own in said]
    )
    return (found - found.mean()) / (found.std() + 1e-9)


def fit(cases, seed):
    """A booster, and the centre and the axes of the vectors it takes."""
    vectors = np.vstack([c.vectors for c in cases])
    centre = vectors.mean(axis=0)
    _, vectors_of_covariance = np.linalg.eigh(np.cov((vectors - centre).T))
    axes = vectors_of_covariance[:, ::-1][:, :AXES]
    # The sign of an axis is free: fix it, so that the same data gives the same file.
    axes = (axes * np.sign(axes[np.abs(axes).argmax(axis=0), range(AXES)])).astype(np.float32)
    table = np.vstack([columns(c, centre, axes) for c in cases])
    weight = np.concatenate([np.full(len(c.rows), len(c.rows) ** -0.5) for c in cases])
    data = lightgbm.Dataset(table, np.concatenate([c.worth for c in cases]), weight=weight / weight.mean())
    return lightgbm.train({**PARAMETERS, "seed": seed}, data, ROUNDS), centre.astype(np.float32), axes


def columns(c, centre, axes):
    """What the trees take of a case's sentences."""
    return np.column_stack([c.table, c.wording, (c.vectors - centre) @ axes])


def rouge(held, model):
    """ROUGE-1, 2 and L (F1, percent) of each meeting's summary."""
    booster, centre, axes = model
    scorer = rouge_scorer.RougeScorer(("rouge1", "rouge2", "rougeL"), use_stemmer=True)
    found = []
    for c in held:
        raw = booster.predict(columns(c, centre, axes), num_threads=1)
        chosen = summary.pick(summary.scored(c.rows, raw), words=WORDS)
        text = " ".join(candidate.sentence.text for candidate in chosen)
        scores = [scorer.score(one, text).values() for one in c.summaries]
        found.append(np.mean([[100 * s.fmeasure for s in score] for score in scores], axis=0))
    return np.array(found)


def main(bench, target):
    """Cross-validate, fit, write."""
    engine = embedded_engine()
    cases = [case(meeting, engine) for meeting in meetings(bench, "train")]
    word(cases)
    groups = sorted({c.group for c in cases})
    for seed in SEEDS:
        order = np.random.default_rng(seed).permutation(groups).tolist()
        found = []
        for fold in range(FOLDS):
            left_out = set(order[fold::FOLDS])
            model = fit([c for c in cases if c.group not in left_out], seed)
            found.append(rouge([c for c in cases if c.group in left_out], model))
        scores = np.vstack(found)
        error = scores.std(axis=0) / len(scores) ** 0.5
        print(f"seed {seed}: ROUGE-1/2/L {scores.mean(axis=0).round(2)}, standard error {error.round(2)}", flush=True)
    booster, centre, axes = fit(cases, SEEDS[0])
    file = io.BytesIO()
    weights = pair_weights(cases)
    np.savez_compressed(
        file,
        **arrays(booster, "summary"),
        centre=centre,
        axes=axes,
        pairs=np.array(list(weights)),
        weights=np.array(list(weights.values()), dtype=np.float32),
    )
    write(
        target,
        "trees.npz",
        file.getvalue(),
        {
            "name": summary.MODEL,
            "version": summary.VERSION,
            "encoder": EMBEDDED.model,
            "licence": "MIT",
            "source": f"QMSum (Yale-LILY, MIT), part train, {len(cases)} meetings",
            "script": "training/fit_meeting_summary.py",
            "seed": SEEDS[0],
            "made_with": {"lightgbm": lightgbm.__version__, "numpy": np.__version__},
        },
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bench", type=Path)
    parser.add_argument("--target", type=Path, default=Path(f"layers/inference/models/{summary.MODEL}"))
    arguments = parser.parse_args()
    main(arguments.bench, arguments.target)
