"""How texts are cut into chunks, and how these are named."""

import hashlib

from besunny.inference.contracts.embeddings import Chunking
from besunny.inference.engines.protocol import Engine
from besunny.inference.text.windows import Window, windows


def cut(text: str, chunking: Chunking, engine: Engine) -> list[Window]:
    """The chunks of a text, in order."""
    return windows(text, engine, max_tokens=chunking.max_tokens, overlap=chunking.overlap)


def chunk_series(text: str, chunking: Chunking) -> str:
    """The same for the same content, cut the same way."""
    return f"{hashlib.sha256(text.encode()).hexdigest()[:24]}-{chunking.max_tokens}-{chunking.overlap}"


def chunk_id(text: str, start: int) -> str:
    """The id of a chunk, by its own text and where that begins: what changes after a chunk leaves its id.

    Args:
        text: the chunk's, not the document's.
        start: its first character in the document.
    """
    return f"{hashlib.sha256(text.encode(errors='surrogatepass')).hexdigest()[:24]}-{start}"
