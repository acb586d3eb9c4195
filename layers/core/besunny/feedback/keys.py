"""Keys of the feedback table (partition `pk` is the tenant) and of texts in S3."""

from datetime import datetime
from hashlib import sha256
from urllib.parse import quote

from besunny.clock import to_iso

Key = dict[str, str]
CORRECTION, REVIEW, LEFTOVER = "CORRECTION#", "REVIEW#", "LEFTOVER#"
REVIEWS_INDEX = "by_review"


def document_key(author: str, subject: str, text: str) -> str:
    """The same document always has the same key: 32 hexadecimal digits of its content's SHA-256."""
    digest = sha256()
    for part in (author, subject, text):
        encoded = part.encode(errors="surrogatepass")
        digest.update(len(encoded).to_bytes(8, "big") + encoded)
    return digest.hexdigest()[:32]


def is_document_key(text: str) -> bool:
    """Whether `text` has the form of a document's key, so that nonsense is refused before any read."""
    return len(text) == 32 and all(digit in "0123456789abcdef" for digit in text)


def state(tenant_id: str) -> Key:
    """How many corrections a tenant has, and how often they have changed."""
    return {"pk": tenant_id, "sk": "STATE"}


def correction(tenant_id: str, key: str) -> Key:
    """The correction of one document."""
    return {"pk": tenant_id, "sk": f"{CORRECTION}{key}"}


def review(tenant_id: str, key: str) -> Key:
    """The review of one document."""
    return {"pk": tenant_id, "sk": f"{REVIEW}{key}"}


def leftover(tenant_id: str, key: str) -> Key:
    """The note of a text that may stand for no correction."""
    return {"pk": tenant_id, "sk": f"{LEFTOVER}{key}"}


def audit(tenant_id: str, key: str, action: str, now: datetime) -> Key:
    """An audit record."""
    return {"pk": tenant_id, "sk": f"AUDIT#{to_iso(now)}#{key}#{action}"}


def queue(tenant_id: str, *, resolved: bool) -> str:
    """The partition of `by_review` that holds a tenant's open or resolved reviews."""
    return f"{'resolved' if resolved else 'open'}#{tenant_id}"


def text_object(folder: str, tenant_id: str, key: str) -> str:
    """A text in S3; the tenant is quoted, so that no name reaches into another's folder."""
    return f"{folder}/{quote(tenant_id, safe='')}/{key}"
