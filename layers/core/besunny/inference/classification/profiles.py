"""Projects as vectors: one for each thing said of them, one for each example."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from besunny.inference.classification.remembered import remembered
from besunny.inference.classification.taught import Taught
from besunny.inference.contracts.common import Project
from besunny.inference.engines.protocol import Engine
from besunny.inference.text.sentences import sentences

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

_SENTENCES = 6
# What stands between commas is often a subject of its own: nearer to a document than the whole list it stands in.
_BETWEEN_PHRASES = re.compile(r"[,;:!?()\n]|\.(?!\d)|\s(?:and|or)\s")
_PHRASES = 16
_PHRASE_LENGTHS = range(3, 80)
# Above so many projects one text stands for each, shortened: a request must not take minutes.
_MANY = 300
_SHORT = 400
# Of an example so many characters are read, and so many windows of 500 characters of all of them together.
_EXAMPLE = 2000
_WINDOW = 500
_WINDOWS = 2000


@dataclass(frozen=True, slots=True)
class Profiles:
    """The texts and vectors of several projects, rows grouped by project in order.

    Attributes:
        texts: of each row.
        rows: float32[m, 384], L2 norm 1.
        owner: int[m], ascending: the project of each row.
        from_example: bool[m]: whether the row is an example's, else it is of what is said of the project.
        examples: how many examples the projects have; those beyond what one request can read have no row.
    """

    count: int
    texts: list[str]
    rows: "NDArray[float32]"
    owner: "NDArray[np.intp]"
    from_example: "NDArray[np.bool_]"
    examples: int

    @property
    def examples_read(self) -> int:
        """How many of the examples have a row."""
        return int(self.from_example.sum())


def profile(projects: Sequence[Project], engine: Engine, taught: Taught | None = None) -> Profiles:
    """The profiles of projects; vectors computed for an earlier request are used again.

    Corrections are examples too.
    """
    said = [statements(project, short=len(projects) > _MANY) for project in projects]
    shown = _readable([project.examples for project in projects], _WINDOWS - sum(map(len, said)))
    texts = [text for own, examples in zip(said, shown, strict=True) for text in (*own, *examples)]
    sizes = [len(own) + len(examples) for own, examples in zip(said, shown, strict=True)]
    from_example = [flag for own, ex in zip(said, shown, strict=True) for flag in [False] * len(own) + [True] * len(ex)]
    given = Profiles(
        count=len(projects),
        texts=texts,
        rows=remembered(texts, engine),
        owner=np.repeat(np.arange(len(projects)), sizes),
        from_example=np.array(from_example, dtype=np.bool_),
        examples=sum(len(project.examples) for project in projects),
    )
    return _with_taught(given, projects, taught) if taught and len(taught.vectors) else given


def _with_taught(given: Profiles, projects: Sequence[Project], taught: Taught) -> Profiles:
    places = {project.id: index for index, project in enumerate(projects)}
    known = [row for row, project_id in enumerate(taught.project_ids) if project_id in places]
    owner = np.concatenate([given.owner, np.array([places[taught.project_ids[row]] for row in known], dtype=np.intp)])
    order = np.argsort(owner, kind="stable")
    texts = [*given.texts, *(taught.texts[row] for row in known)]
    return Profiles(
        count=given.count,
        texts=[texts[row] for row in order],
        rows=np.concatenate([given.rows, taught.vectors[known]])[order],
        owner=owner[order],
        from_example=np.concatenate([given.from_example, np.ones(len(known), dtype=np.bool_)])[order],
        examples=given.examples + len(known),
    )


def statements(project: Project, *, short: bool = False) -> list[str]:
    """What is said of a project: its name, name and description, each sentence and phrase of it, its words.

    Args:
        short: all of it in one text, cut where it is long.
    """
    words = ", ".join(dict.fromkeys([*project.tags, *project.keywords, *project.categories]))
    if short:
        return [f"{project.name}. {words}. {project.description}"[:_SHORT]]
    said = [sentence.text for sentence in sentences(project.description)]
    whole = [f"{project.name}. {project.description}"] if project.description else []
    parts = said[:_SENTENCES] if len(said) > 1 else []
    own_words = [f"{project.name}: {words}"] if words else []
    return list(dict.fromkeys([project.name, *whole, *parts, *_phrases(project.description), *own_words]))


def _phrases(description: str) -> list[str]:
    found = map(str.strip, _BETWEEN_PHRASES.split(description))
    return [phrase for phrase in found if len(phrase) in _PHRASE_LENGTHS][:_PHRASES]


def _readable(examples: Sequence[Sequence[str]], budget: int) -> list[list[str]]:
    """The beginnings of the examples that the budget of windows allows: the first of each project, the second, ..."""
    found: list[list[str]] = [[] for _ in examples]
    for number in range(max(map(len, examples), default=0)):
        for own, kept in zip(examples, found, strict=True):
            if number < len(own):
                text = own[number][:_EXAMPLE]
                budget -= math.ceil(len(text) / _WINDOW)
                if budget < 0:
                    return found
                kept.append(text)
    return found
