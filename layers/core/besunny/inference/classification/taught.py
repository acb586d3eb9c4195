"""What a tenant's corrections teach the classifier: vectors by project, read once for each change of them."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from besunny.feedback import texts
from besunny.feedback.corrections import Correction, Corrections
from besunny.feedback.settings import FeedbackSettings
from besunny.inference.classification.reading import read
from besunny.inference.contracts.common import Document
from besunny.inference.engines.protocol import Engine

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

# A call embeds so many documents anew after the engine's model changed, about a second's work; the next one goes on.
_RENEWED_AT_ONCE = 50
_TENANTS = 64


def _no_rows() -> "NDArray[float32]":
    return np.empty((0, 384), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Taught:
    """A tenant's corrections.

    Attributes:
        decided: key of a document -> the project it belongs to; empty for none.
        project_ids: of each row of `vectors`; empty for none.
        texts: the beginning of the document of each row.
        vectors: float32[n, 384], L2 norm 1.
    """

    decided: dict[str, str] = field(default_factory=dict)
    project_ids: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    vectors: "NDArray[float32]" = field(default_factory=_no_rows)


_known: OrderedDict[tuple[str, str], tuple[int, Taught]] = OrderedDict()


def taught(tenant_id: str, engine: Engine) -> Taught:
    """What the tenant has taught until now; one small read where nothing changed since this process read it."""
    table = FeedbackSettings.from_environment().feedback_table
    store = Corrections(table)
    revision = store.revision(tenant_id)
    if revision == 0:
        return Taught()
    place = (table, tenant_id)
    if place not in _known or _known[place][0] != revision:
        found, is_whole = _read(tenant_id, store, engine)
        if not is_whole:
            return found
        _known[place] = (revision, found)
        if len(_known) > _TENANTS:
            _known.popitem(last=False)
    _known.move_to_end(place)
    return _known[place][1]


def _read(tenant_id: str, store: Corrections, engine: Engine) -> tuple[Taught, bool]:
    """The corrections, and whether all their vectors are of this engine's model."""
    every = store.all_of(tenant_id)
    model = model_of(engine)
    stale = [one for one in every if one.model != model]
    renewed = {one.key: _renewed(tenant_id, one, store, engine) for one in stale[:_RENEWED_AT_ONCE]}
    usable = [renewed.get(one.key, one) for one in every if one.model == model or one.key in renewed]
    found = Taught(
        decided={one.key: one.project_id for one in every},
        project_ids=[one.project_id for one in usable],
        texts=[f"{one.subject}\n{one.excerpt}" for one in usable],
        vectors=_vectors(usable),
    )
    return found, len(usable) == len(every)


def _renewed(tenant_id: str, correction: Correction, store: Corrections, engine: Engine) -> Correction:
    bucket = FeedbackSettings.from_environment().data_bucket
    document = Document.model_validate(texts.load(bucket, texts.TEACHING, tenant_id, correction.key))
    new = correction.model_copy(update={"vector": vector_of(document, engine), "model": model_of(engine)})
    store.renew(tenant_id, new, was=correction.model)
    return new


def _vectors(corrections: Sequence[Correction]) -> "NDArray[float32]":
    rows = [np.frombuffer(one.vector or b"", dtype=np.float16).astype(np.float32) for one in corrections]
    return np.array(rows, dtype=np.float32).reshape(len(rows), 384)


def vector_of(document: Document, engine: Engine) -> bytes:
    """A document's vector as corrections keep it: float16[384]."""
    return read(document, engine).centre.astype(np.float16).tobytes()


def model_of(engine: Engine) -> str:
    """What a vector is of: vectors of two models cannot be compared."""
    return f"{engine.info.model}/{engine.info.version.split('.')[0]}"
