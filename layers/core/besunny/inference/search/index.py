"""What an index of vectors offers, whichever keeps them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from pydantic import BaseModel

from besunny.errors import ForbiddenError
from besunny.projects import Editor

if TYPE_CHECKING:
    from numpy import float32, int32
    from numpy.typing import NDArray


class StoredDocument(BaseModel):
    """What is kept of an indexed document beside its text and its vectors.

    Attributes:
        version: made anew each time that it is indexed; vectors and text belong to one version.
        series: of its content and how it is cut, so that the same again is known.
        metadata: JSON.
        model: whose vectors these are.
        index: which index keeps them; `lost` where none does any more.
        text_key: the object that holds its text, in UTF-8.
        indexed_by: the user who indexed it first and may change it, beside operators.
    """

    document_id: str
    version: str
    project_id: str | None = None
    title: str = ""
    metadata: str = "{}"
    series: str
    chunks: int
    characters: int
    model: str
    index: str
    text_key: str
    indexed_at: str
    indexed_by: str


@dataclass(frozen=True)
class DocumentVectors:
    """A document and its chunks.

    Attributes:
        text: in UTF-8.
        spans: int32[chunks, 4]: start and end in characters, then in bytes of UTF-8.
        vectors: float32[chunks, 384], of L2 norm 1.
    """

    document: StoredDocument
    text: bytes
    spans: NDArray[int32]
    vectors: NDArray[float32]


@dataclass(frozen=True)
class Hit:
    """A chunk near the query; `number` is its place in the document, `span` as in `DocumentVectors.spans`."""

    document_id: str
    version: str
    number: int
    span: tuple[int, int, int, int]
    score: float


@dataclass(frozen=True)
class Found:
    """What a query found; the counts are as `SearchAnswer` describes them, `stale` as its `stale_results`.

    Attributes:
        missing: chunks that could not be compared, as what holds their vectors is lost.
    """

    hits: list[Hit]
    searched: int | None
    below: int
    best: float | None
    outdated: int = 0
    stale: int = 0
    missing: int = 0


@dataclass(frozen=True)
class Put:
    """What a put did: the versions that it replaced by document id, and the tenant's chunks after it."""

    replaced: dict[str, str]
    total_chunks: int | None


def check_changeable(documents: Iterable[StoredDocument], editor: Editor) -> None:
    """Whether the editor may replace or remove these documents.

    Raises:
        ForbiddenError: one is a colleague's, and the editor changes only their own.
    """
    for document in documents:
        if not editor.changes_all and document.indexed_by != editor.sub:
            raise ForbiddenError(
                f"a colleague indexed the document {document.document_id}: they, or an operator, may change it"
            )


class VectorIndex(Protocol):
    """The vectors of tenants' documents; nothing of one tenant is ever seen by another."""

    @property
    def name(self) -> str:
        """`embedded` or `s3-vectors`."""

    @property
    def max_chunks(self) -> int | None:
        """The most that one tenant may have; None for no limit."""

    def put(self, editor: Editor, documents: Sequence[DocumentVectors], *, now: datetime) -> Put:
        """Index documents, all or none, in the place of those of the same ids; every query after this sees them.

        Raises:
            ForbiddenError: one that would be replaced is a colleague's.
            ConflictError: the tenant would have more than `max_chunks`.
            UnavailableError: too many others change the same index at once.
        """

    def delete(self, editor: Editor, document_id: str, *, now: datetime) -> bool:
        """Remove a document; False where there is none. No query after this sees it.

        Raises:
            ForbiddenError: it is a colleague's.
        """

    def query(
        self,
        tenant_id: str,
        vector: NDArray[float32],
        *,
        model: str,
        top_k: int,
        threshold: float,
        project_id: str | None,
    ) -> Found:
        """The chunks nearest to a vector of L2 norm 1, best first, those at or above the threshold."""
