"""What a tenant's corrections teach the classifier: vectors by project, read once for each change of them."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from besunny.errors import NotFoundError
from besunny.feedback import texts
from besunny.feedback.corrections import Correction, Corrections
from besunny.feedback.settings import FeedbackSettings
from besunny.inference.classification.reading import read
from besunny.inference.contracts.common import Document
from besunny.inference.engines.protocol import Engine
from besunny.observability.logs import logger

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

# A call embeds so many characters anew after the engine's model changed, a few seconds' work; the next one goes on.
_RENEWED_AT_ONCE = 200_000
# Of a longer document so many pieces, evenly spread, stand for the whole: a person waits for the answer.
_LONGEST, _PIECES = 400_000, 40
_TENANTS = 64
# Documents that people said belong nowhere count for those nearer to them than to any project, and at least this near.
_LEAST_DOUBT, _FULL_DOUBT = 0.5, 0.25


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


def doubt_of_any(taught: Taught | None, centre: "NDArray[float32]", nearest: "NDArray[float32]") -> float:
    """How far a document is like those that people said belong nowhere, 0 to 1; 0 for all that are not near one.

    Args:
        centre: the document's vector, float32[384].
        nearest: its cosine with the nearest text of each project, float32[projects].
    """
    nowhere = taught.vectors[[not project_id for project_id in taught.project_ids]] if taught else _no_rows()
    if not len(nowhere):
        return 0.0
    ahead = float((nowhere @ centre).max()) - max(_LEAST_DOUBT, float(nearest.max()))
    return min(1.0, max(0.0, ahead / _FULL_DOUBT))


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
    usable, left, budget = [one for one in every if one.model == model], 0, _RENEWED_AT_ONCE
    for one in every:
        if one.model == model:
            continue
        if budget <= 0:
            left += 1
            continue
        try:
            document = _stored(tenant_id, one)
        except NotFoundError:
            # It decides its own document still; without its text it is an example no more.
            logger().error("a correction has no text", extra={"correction_id": one.key})
            continue
        budget -= min(len(document.content_text), _LONGEST)
        usable.append(_renewed(tenant_id, one, document, store, engine))
    found = Taught(
        decided={one.key: one.project_id for one in every},
        project_ids=[one.project_id for one in usable],
        texts=[f"{one.subject}\n{one.excerpt}" for one in usable],
        vectors=_vectors(usable),
    )
    return found, left == 0


def _stored(tenant_id: str, correction: Correction) -> Document:
    bucket = FeedbackSettings.from_environment().data_bucket
    return Document.model_validate(texts.load(bucket, texts.TEACHING, tenant_id, correction.key))


def _renewed(
    tenant_id: str, correction: Correction, document: Document, store: Corrections, engine: Engine
) -> Correction:
    new = correction.model_copy(update={"vector": vector_of(document, engine), "model": model_of(engine)})
    store.renew(tenant_id, new, was=correction.model)
    return new


def _vectors(corrections: Sequence[Correction]) -> "NDArray[float32]":
    rows = [np.frombuffer(one.vector or b"", dtype=np.float16).astype(np.float32) for one in corrections]
    return np.array(rows, dtype=np.float32).reshape(len(rows), 384)


def vector_of(document: Document, engine: Engine) -> bytes:
    """A document's vector as corrections keep it: float16[384]; of a very long one, that of pieces spread evenly."""
    text = document.content_text
    if len(text) > _LONGEST:
        size, step = _LONGEST // _PIECES, len(text) / _PIECES
        pieces = [text[int(number * step) :][:size] for number in range(_PIECES)]
        document = document.model_copy(update={"content_text": "\n".join(pieces)})
    return read(document, engine).centre.astype(np.float16).tobytes()


def model_of(engine: Engine) -> str:
    """What a vector is of: vectors of two models cannot be compared."""
    return f"{engine.info.model}/{engine.info.version.split('.')[0]}"
