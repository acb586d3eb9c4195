"""How models are opened: onnxruntime on the CPU, and the encoder's tokenizer."""

import os
from pathlib import Path
from typing import Any


def open_session(model: Path, threads: int) -> Any:
    """An onnxruntime session.

    Args:
        threads: of one computation; 0 means one a CPU.
    """
    import onnxruntime  # type: ignore[import-untyped]

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or os.cpu_count() or 1
    options.inter_op_num_threads = 1
    # Spinning threads would bill idle milliseconds of the other functions on a shared CPU.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def open_tokenizer(file: Path) -> Any:
    """A tokenizer that neither cuts nor pads."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
