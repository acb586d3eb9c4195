"""The order in which work starts, played on the real ledger with a clock that the test moves."""

from datetime import timedelta
from itertools import count

import pytest

from besunny.clock import from_iso
from besunny.orchestration.records import Status
from besunny.orchestration.view import full_view
from tests.integration.orchestration.conftest import DOCUMENT, user

NUMBERS = count()
SECONDS = {"classification": 20, "embedding": 5}
SERVICES = {"classification": "classification", "embedding": "embeddings"}


class Play:
    """Work of known length; whatever ends first, ends next."""

    def __init__(self, stack):
        self.stack = stack
        self.began = stack.now
        self.kinds = {}

    def queue(self, tenant, times=1, *, kind="classification", priority="normal"):
        made = []
        for _ in range(times):
            data = {"content": f"{tenant} {next(NUMBERS)}"} | (
                {} if kind == "embedding" else DOCUMENT | {"subject": str(next(NUMBERS))}
            )
            view = self.stack.create(kind, data, caller=user(tenant=tenant), priority=priority)
            self.kinds[view.workflow_id] = kind
            self.stack.pass_time(milliseconds=1)
            made.append(view.workflow_id)
        return made

    def record(self, workflow_id):
        return self.stack.record(workflow_id)

    def ends_at(self, record):
        return from_iso(record.started_at) + timedelta(seconds=SECONDS[self.kinds[record.workflow_id]])

    def end_one(self):
        """Let the one end that ends first."""
        running = [r for r in map(self.record, self.kinds) if r.status is Status.RUNNING]
        first = min(running, key=lambda record: (self.ends_at(record), record.workflow_id))
        self.stack.now = max(self.stack.now, self.ends_at(first))
        self.stack.finish(first.workflow_id)

    def until(self, done):
        while not done():
            self.end_one()

    def ended(self, ids):
        return all(self.record(workflow_id).status.ended for workflow_id in ids)

    def seconds(self, moment):
        return (moment - self.began).total_seconds()

    def last_end(self, ids):
        self.until(lambda: self.ended(ids))
        return max(self.seconds(from_iso(self.record(workflow_id).finished_at)) for workflow_id in ids)


@pytest.fixture
def play(stack):
    return Play(stack)


@pytest.mark.parametrize("limits", [(4, 2), (4, 4)])
def test_a_long_queue_of_one_tenant_costs_another_at_most_twice_its_time(play, limits):
    alone = -(-6 // min(limits)) * SECONDS["classification"]
    play.queue("a", 40)
    begun = play.seconds(play.stack.now)
    assert play.last_end(play.queue("b", 6)) - begun <= 2 * alone


@pytest.mark.parametrize("limits", [(4, 4)])
def test_weights_share_the_capacity(play, limits, monkeypatch):
    from besunny.orchestration.fairness import Weights

    monkeypatch.setattr(play.stack.parts.admission, "_weights", Weights("a=3"))
    ours, theirs = play.queue("a", 24), play.queue("b", 24)
    play.until(lambda: play.ended(ours[:18]))
    ended = [sum(play.record(one).status.ended for one in ids) for ids in (ours, theirs)]
    assert 2.4 <= ended[0] / ended[1] <= 3.6


@pytest.mark.parametrize("limits", [(3, 2)])
def test_waiting_says_place_and_start_as_they_come_true(play, limits):
    for kind, service in SERVICES.items():
        milliseconds = 1000 * SECONDS[kind]
        play.stack.parts.store.count_outcome(service, ok=True, milliseconds=milliseconds, now=play.stack.now)
    ids = play.queue("a", 3) + play.queue("b", 4, kind="embedding") + play.queue("a", 1, priority="urgent")
    ids += play.queue("c", 2, priority="low") + play.queue("b", 1)
    said = {}
    for workflow_id in ids:
        record = play.record(workflow_id)
        if record.status is Status.QUEUED:
            loaded = play.stack.parts.store.load(workflow_id)
            said[workflow_id] = full_view(play.stack.parts, loaded, now=play.stack.now).waiting
    assert sorted(waiting.position for waiting in said.values()) == list(range(1, len(said) + 1))
    play.until(lambda: play.ended(ids))
    came = {one: from_iso(play.record(one).started_at) for one in said}
    for workflow_id, waiting in said.items():
        assert from_iso(waiting.expected_start) == came[workflow_id]
    in_order = sorted(said, key=lambda one: said[one].position)
    assert [came[one] for one in in_order] == sorted(came.values())


@pytest.mark.parametrize("limits", [(1, 1)])
def test_urgent_starts_before_what_already_waits(play, limits):
    play.queue("a", 3, priority="high")
    (urgent,) = play.queue("a", priority="urgent")
    play.end_one()
    assert play.record(urgent).status is Status.RUNNING


@pytest.mark.parametrize("limits", [(1, 1)])
def test_low_starts_within_its_age_however_much_high_there_is(play, limits):
    play.queue("a", priority="high")
    (low,) = play.queue("a", priority="low")
    while play.record(low).status is Status.QUEUED:
        play.queue("a", priority="high")
        play.stack.pass_time(minutes=5)
        play.end_one()
        assert play.seconds(play.stack.now) <= 46 * 60
    assert play.seconds(from_iso(play.record(low).started_at)) >= 40 * 60
