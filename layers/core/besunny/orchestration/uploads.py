"""POST /uploads: an address to PUT inputs to that are too large for a request."""

from collections.abc import Callable
from datetime import datetime

from besunny.ids import new_id
from besunny.orchestration.documents import LINK_SECONDS, UPLOAD_MAX_BYTES
from besunny.orchestration.models import UploadTicket
from besunny.orchestration.parts import Parts
from besunny.orchestration.viewer import Viewer


def create_upload(
    parts: Parts, caller: Viewer, *, now: datetime, make_id: Callable[[datetime], str] = new_id
) -> UploadTicket:
    """A ticket for one upload of this user: JSON of the whole `input_data`, or a transcript or document as text."""
    upload_id = make_id(now)
    link = parts.uploads.link(caller.tenant_id, caller.sub, upload_id)
    return UploadTicket(upload_id=upload_id, url=link, expires_in=LINK_SECONDS, max_bytes=UPLOAD_MAX_BYTES)
