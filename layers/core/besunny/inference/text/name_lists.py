"""Lists of names beside this file; `training/list_names.py` makes the longer ones."""

from functools import lru_cache
from pathlib import Path


@lru_cache
def entries(file: str) -> frozenset[str]:
    """The names of a list: one a line, lines with `#` are remarks."""
    lines = (Path(__file__).parent / file).read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))
