"""The signals of a document: what speaks for each project, and by which words."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from besunny.inference.classification.background import background_nearness
from besunny.inference.classification.confidence import Signals
from besunny.inference.classification.learned import Learned, learn
from besunny.inference.classification.lexical import DocumentWords, Match, matches, strength
from besunny.inference.classification.reading import Reading
from besunny.inference.classification.similarity import nearness
from besunny.inference.classification.taught import Taught
from besunny.inference.contracts.common import Document, Project
from besunny.inference.engines.protocol import Engine


@dataclass(frozen=True, slots=True)
class Spoken:
    """Signals, the matches behind them, and what is known of the projects."""

    signals: Signals
    matches: list[list[Match]]
    learned: Learned


def signals_of(
    document: Document,
    words: DocumentWords,
    reading: Reading,
    projects: Sequence[Project],
    engine: Engine,
    *,
    taught: Taught | None = None,
) -> Spoken:
    """What speaks for each of the projects, of which there is one at least.

    Args:
        words: of `document`.
        reading: of `document`.
        taught: what the tenant's corrections teach.
    """
    learned = learn(projects, engine, taught)
    near = nearness(reading, learned.profiles)
    hits = matches(document, words, projects)
    text = f"{document.subject}\n{document.content_text}" if document.subject else document.content_text
    telling = learned.few_shot.telling.of(reading.centre) if learned.few_shot else None
    signals = Signals(
        middle=near.middle,
        best=near.best,
        words=np.array([strength(own) for own in hits], dtype=np.float32),
        shared=np.array(learned.words.likeness(text), dtype=np.float32),
        background=background_nearness(reading, engine),
        telling=telling,
        typical=learned.few_shot.typical.of(reading.centre) if learned.few_shot else None,
        described=any(project.description or project.keywords or project.tags for project in projects),
    )
    return Spoken(signals, hits, learned)
