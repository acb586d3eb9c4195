"""A new workflow on its way into the ledger: under its Idempotency-Key, admitted at once or queued."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from besunny.errors import IdempotencyMismatchError
from besunny.orchestration import keys
from besunny.orchestration.admission import spread
from besunny.orchestration.documents import INPUT_INLINE_BYTES
from besunny.orchestration.ledger import as_running
from besunny.orchestration.models import WorkflowView
from besunny.orchestration.parts import Parts
from besunny.orchestration.records import InputReference, Priority, Status, Usage, WorkflowRecord
from besunny.orchestration.store import Stored
from besunny.orchestration.table import ConditionLostError, Write
from besunny.orchestration.view import full_view
from besunny.orchestration.viewer import Viewer

_ADMISSION_TRIES = 6
_ACTOR = "system:admission"


@dataclass(frozen=True)
class Submission:
    """A new workflow before it is admitted.

    Attributes:
        inline_input: its input's JSON, where the table holds it.
        idempotency_key: the caller's, or None.
        body_hash: of what the caller sent.
        also: what is written with it, or neither is.
    """

    record: WorkflowRecord
    inline_input: str | None
    idempotency_key: str | None
    body_hash: str
    also: tuple[Write, ...] = ()


def submit(
    parts: Parts,
    submission: Submission,
    caller: Viewer,
    *,
    now: datetime,
    again: Callable[[], Submission] | None = None,
) -> Stored:
    """Write a new workflow: running at once where nothing waits and the limits allow, else queued.

    Args:
        again: the submission as it is to be tried once more, where another was faster.

    Returns:
        The workflow, or the one that came before under the same Idempotency-Key.
    """
    key = submission.idempotency_key
    item_key = keys.idempotency(caller.tenant_id, caller.sub, key) if key else None
    for attempt in range(_ADMISSION_TRIES):
        last = attempt == _ADMISSION_TRIES - 1
        if attempt and again is not None:
            submission = again()
        standing = submission.record if last else _started_if_free(parts, submission.record, now)
        units = parts.store.table.units
        before = (units.read, units.write)
        try:
            parts.ledger.create(
                standing,
                now=now,
                inline_input=submission.inline_input,
                idempotency=item_key,
                body_hash=submission.body_hash,
                also=submission.also,
            )
        except ConditionLostError:
            earlier = find_earlier(parts, caller, key, submission.body_hash, now) if key else None
            if earlier:
                return earlier
            if last:
                raise
            continue
        spent = Usage(read_units=units.read - before[0], write_units=units.write - before[1])
        standing = standing.model_copy(update={"usage": spent})
        break
    if standing.joined_to is not None:
        return _joined(parts, standing, now)
    if standing.status is Status.RUNNING:
        parts.admission.launch(standing)
    elif standing.status is Status.QUEUED:
        started = parts.admission.dispatch(actor=_ACTOR, now=now, hints=[standing])
        if standing.workflow_id in started:
            return parts.store.load(standing.workflow_id) or Stored(standing)
    return Stored(standing)


def _joined(parts: Parts, record: WorkflowRecord, now: datetime) -> Stored:
    """A workflow that has just joined another: what ended in that moment did not see it, and what waits hurries."""
    leader = parts.joining.live(str(record.joined_to))
    if leader is None:
        next_up = parts.joining.recover(str(record.cache_key), actor=_ACTOR, now=now)
        parts.admission.dispatch(actor=_ACTOR, now=now, hints=[next_up] if next_up else [])
        return parts.store.load(record.workflow_id) or Stored(record)
    if leader.status is Status.QUEUED and leader.joined_to is None and keys.rank(record) < keys.rank(leader):
        try:
            parts.ledger.lift(leader, keys.rank(record))
        except ConditionLostError:
            return Stored(record)  # it has started, or another lifted it
        parts.admission.dispatch(actor=_ACTOR, now=now)
    return Stored(record)


def answered_before(
    parts: Parts, caller: Viewer, key: str | None, body_hash: str, now: datetime
) -> WorkflowView | None:
    """The answer to a request whose Idempotency-Key came before; None where it is new, or there is no key.

    Raises:
        IdempotencyMismatchError: the key came before with another body.
    """
    earlier = find_earlier(parts, caller, key, body_hash, now) if key else None
    return full_view(parts, earlier, now=now) if earlier else None


def find_earlier(parts: Parts, caller: Viewer, key: str, body_hash: str, now: datetime) -> Stored | None:
    """The workflow that came before under an Idempotency-Key.

    Raises:
        IdempotencyMismatchError: with another body.
    """
    found = parts.store.idempotent(keys.idempotency(caller.tenant_id, caller.sub, key), now)
    if found is None:
        return None
    workflow_id, earlier_hash = found
    if earlier_hash != body_hash:
        raise IdempotencyMismatchError("this Idempotency-Key came with another body before; send a new key")
    return parts.store.load(workflow_id)


def hash_of(body: Any) -> str:
    """A hash that two equal bodies share, whatever the order of their fields."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(text.encode(errors="surrogatepass")).hexdigest()


def with_input(
    parts: Parts, record: WorkflowRecord, text: str, *, idempotency_key: str | None, body_hash: str
) -> Submission:
    """A submission whose input is kept: small beside the record (written with it), large in S3 (written now)."""
    if len(text.encode(errors="surrogatepass")) <= INPUT_INLINE_BYTES:
        small = record.model_copy(update={"input": InputReference(kind="item")})
        return Submission(small, text, idempotency_key, body_hash)
    key = parts.documents.put_text(keys.object_key("inputs", record.tenant_id, record.workflow_id), text)
    large = record.model_copy(update={"input": InputReference(kind="object", key=key)})
    return Submission(large, None, idempotency_key, body_hash)


def _started_if_free(parts: Parts, record: WorkflowRecord, now: datetime) -> WorkflowRecord:
    if record.status.ended or record.joined_to is not None:
        return record
    if record.priority is not Priority.URGENT and parts.store.heads(tenants=1):
        return record
    taken = parts.leases.taken()
    slots = parts.leases.free(record.tenant_id, taken=taken, spread=spread(record.workflow_id))
    return as_running(record, slots, now) if slots else record
