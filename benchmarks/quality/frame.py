"""What the tasks of the table share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """One row of the table.

    Attributes:
        data: what it was measured on: data set, part, seeds.
        figure: names and unit of the figures.
        baseline: the figures of a bare method in the same run, and its name.
    """

    task: str
    data: str
    figure: str
    measured: str
    baseline: str


class Skipped(Exception):
    """The task cannot be measured here; the message says what is missing."""


def existing(path: Path) -> Path:
    """The path itself.

    Raises:
        Skipped: there is nothing at it.
    """
    if not path.exists():
        raise Skipped(f"{path} is missing")
    return path
