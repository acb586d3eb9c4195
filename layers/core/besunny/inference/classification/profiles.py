"""Projects as vectors: one for each thing said of them, one for each example."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from besunny.inference.classification.reading import unit
from besunny.inference.contracts.common import Project
from besunny.inference.engines.protocol import Engine
from besunny.inference.text.sentences import sentences
from besunny.inference.text.windows import windows

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

_SENTENCES = 6


@dataclass(frozen=True, slots=True)
class Profiles:
    """The vectors of several projects, rows grouped by project in order.

    Attributes:
        rows: float32[m, 384], L2 norm 1.
        owner: int[m], ascending: the project of each row.
        from_example: bool[m]: whether the row is an example's, else it is of what is said of the project.
    """

    count: int
    rows: "NDArray[float32]"
    owner: "NDArray[np.intp]"
    from_example: "NDArray[np.bool_]"

    @property
    def has_examples(self) -> bool:
        """Whether any project has an example."""
        return bool(self.from_example.any())


def profile(projects: Sequence[Project], engine: Engine) -> Profiles:
    """The profiles of projects; an example longer than a window is the mean of its windows."""
    said = [statements(project) for project in projects]
    said_rows = engine.embed([text for texts in said for text in texts])
    rows: list[NDArray[float32]] = []
    owner: list[int] = []
    from_example: list[bool] = []
    at = 0
    for index, (project, texts) in enumerate(zip(projects, said, strict=True)):
        rows += list(said_rows[at : at + len(texts)])
        rows += [_example_row(example, engine) for example in project.examples]
        owner += [index] * (len(texts) + len(project.examples))
        from_example += [False] * len(texts) + [True] * len(project.examples)
        at += len(texts)
    return Profiles(len(projects), np.array(rows, dtype=np.float32), np.array(owner), np.array(from_example))


def statements(project: Project) -> list[str]:
    """What is said of a project: its name, name and description, each sentence of it, its words."""
    words = ", ".join(dict.fromkeys([*project.tags, *project.keywords, *project.categories]))
    said = [sentence.text for sentence in sentences(project.description)]
    whole = [f"{project.name}. {project.description}"] if project.description else []
    parts = said[:_SENTENCES] if len(said) > 1 else []
    return list(dict.fromkeys([project.name, *whole, *parts, *([f"{project.name}: {words}"] if words else [])]))


def _example_row(example: str, engine: Engine) -> "NDArray[float32]":
    parts = windows(example, engine)
    vectors = engine.embed([example[part.start : part.end] for part in parts])
    return unit(np.array([max(part.tokens, 1) for part in parts], dtype=np.float32) @ vectors)
