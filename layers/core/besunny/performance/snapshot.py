"""The recorder's latest snapshot: one item, so that health, current metrics and status are one read."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from besunny.performance.collectors.host import NetworkTotals
from besunny.performance.figures import Figures
from besunny.performance.health import HealthComponent, unknown_since
from besunny.performance.metric_store import SNAPSHOT, STALE_AFTER, read_document, write_document


class CollectorReport(BaseModel):
    """How one collector did in the recorder's last run.

    Attributes:
        name: `host`, or `cloudwatch:<namespace>`.
        ok: whether its figures were recorded.
        detail: why not.
    """

    name: str
    ok: bool
    detail: str | None = None


class Snapshot(BaseModel):
    """What the recorder knew at the end of its last run.

    Attributes:
        recorded_at: when that was.
        figures: of that moment.
        network: bytes since boot, of the recorder's machine; None where it could not be sampled.
        components: health by component.
        collectors: how each did.
        sources: every source with data -> when it last had some.
    """

    recorded_at: datetime
    figures: Figures
    network: NetworkTotals | None
    components: dict[str, HealthComponent]
    collectors: list[CollectorReport]
    sources: dict[str, datetime]

    def is_stale(self, now: datetime) -> bool:
        """Whether it is too old to say something of now."""
        return now - self.recorded_at > STALE_AFTER

    def components_at(self, now: datetime) -> dict[str, HealthComponent]:
        """Health by component as far as it is known now."""
        if self.is_stale(now):
            return unknown_since(self.components, self.recorded_at + STALE_AFTER)
        return self.components


def read_snapshot(table: str) -> Snapshot | None:
    """The latest snapshot, or None before the recorder's first run."""
    document = read_document(table, SNAPSHOT)
    return Snapshot.model_validate_json(document["snapshot"]) if document else None


def write_snapshot(table: str, snapshot: Snapshot) -> bool:
    """Replace the latest snapshot unless a newer one stands; returns whether it did."""
    return write_document(table, SNAPSHOT, snapshot.recorded_at, {"snapshot": snapshot.model_dump_json()})
