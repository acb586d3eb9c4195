"""What is learned of a set of projects, kept for the next document that is asked about with the same ones."""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

from besunny.inference.classification.few_shot import FewShot, train
from besunny.inference.classification.profiles import Profiles, profile
from besunny.inference.classification.shared_words import WordIndex
from besunny.inference.classification.taught import Taught
from besunny.inference.contracts.common import Project
from besunny.inference.engines.protocol import Engine

_MOST = 8
# An index takes some 25 KB a text: all that is kept stays under 200 MB of a function's 1,769.
_MOST_TEXTS = 8_000
_kept: "OrderedDict[bytes, Learned]" = OrderedDict()
_lock = Lock()


@dataclass(frozen=True, slots=True)
class Learned:
    """Profiles of projects; what was trained on their examples, where any has some."""

    profiles: Profiles
    few_shot: FewShot | None
    words: WordIndex


def learn(projects: Sequence[Project], engine: Engine, taught: Taught | None = None) -> Learned:
    """What there is to learn of the projects and of corrections; of the last eight sets it is remembered."""
    digest = hashlib.blake2b(repr(engine.info).encode(), digest_size=16)
    for project in projects:
        digest.update(project.model_dump_json().encode())
    if taught:
        digest.update(repr(taught.project_ids).encode() + taught.vectors.tobytes())
    key = digest.digest()
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    profiles = profile(projects, engine, taught)
    few_shot = train(profiles) if profiles.examples_read and profiles.count > 1 else None
    found = Learned(profiles, few_shot, WordIndex.of(profiles.texts, profiles.owner.tolist(), profiles.count))
    with _lock:
        _kept[key] = found
        while len(_kept) > _MOST or (len(_kept) > 1 and _texts_kept() > _MOST_TEXTS):
            _kept.popitem(last=False)
    return found


def _texts_kept() -> int:
    return sum(len(found.profiles.texts) for found in _kept.values())
