"""What changes and crashes left in S3, of tenants that change nothing any more: deleted by schedule."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial

from pydantic import BaseModel

from besunny.aws import clients
from besunny.feedback.leftovers import Leftovers
from besunny.inference.search.objects import Objects
from besunny.inference.search.settings import SweepSettings
from besunny.inference.search.sweeps import Sweep, Sweeps
from besunny.observability.logs import logger

# Of each kind in a run: some seconds; the rest is the next run's.
_MOST = 100


class Swept(BaseModel):
    """What one run settled: sweeps of the embeddings index, and notes of corrections' texts."""

    index: int
    corrections: int


def sweep_what_is_left(*, now: datetime) -> Swept:
    """Delete what is due, a bounded number of things.

    Raises:
        MisconfiguredError: names each setting that is missing.
        ExceptionGroup: some could not be deleted; all the others were.
    """
    settings = SweepSettings.from_environment()
    failed: list[Exception] = []
    sweep = _index_sweeper(settings)
    due = Sweeps(clients.dynamodb(), settings.index_table).due_of_all(now=now, most=_MOST)
    index = _each((partial(sweep, tenant_id, one) for tenant_id, one in due), failed)
    leftovers = Leftovers(settings.feedback_table, settings.data_bucket)
    notes = leftovers.due(now=now, most=_MOST)
    corrections = _each((partial(leftovers.settle, note) for note in notes), failed)
    if failed:
        raise ExceptionGroup("some of what was left could not be deleted", failed)
    return Swept(index=index, corrections=corrections)


def _each(deletions: Iterable[Callable[[], object]], failed: list[Exception]) -> int:
    """How many took place; one that fails must not hold up the others."""
    done = 0
    for delete in deletions:
        try:
            delete()
        except Exception as error:  # noqa: BLE001 - it is raised once all are done
            logger().exception("not swept")
            failed.append(error)
        else:
            done += 1
    return done


def _index_sweeper(settings: SweepSettings) -> Callable[[str, Sweep], None]:
    sweeps = Sweeps(clients.dynamodb(), settings.index_table)
    objects = Objects(clients.s3, settings.data_bucket)
    if settings.vector_bucket_arn:
        from besunny.inference.search.s3_vectors import S3VectorsIndex

        arn = settings.vector_bucket_arn
        return S3VectorsIndex(clients.dynamodb(), settings.index_table, objects, clients.s3vectors, arn).sweep

    def sweep(tenant_id: str, left: Sweep) -> None:
        objects.delete(left.objects)
        sweeps.done(tenant_id, left)

    return sweep
