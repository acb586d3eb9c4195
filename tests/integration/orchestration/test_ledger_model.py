"""The ledger against any order of events and faults: what holds after each, and that all work ends once faults stop.

Hypothesis drives callers, executions (whose tasks may be delivered at any time and often), cancels, ends from outside,
the reconciler and the clock. Any of them may crash at each of its calls to AWS, before the call or after it.
"""

from collections import Counter
from contextlib import contextmanager, suppress
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from besunny.aws import clients
from besunny.aws.dynamo import from_item
from besunny.errors import ConflictError
from besunny.orchestration import keys
from besunny.orchestration.cancellation import cancel_workflow
from besunny.orchestration.endings import settle_ended_execution
from besunny.orchestration.reconciliation import reconcile
from besunny.orchestration.records import Status, WorkflowRecord
from tests.integration.orchestration.conftest import DOCUMENT, MEETING, NOW, answer, tasks_of, user

TABLE = "WorkflowsTable"
ENDS = {status.value for status in Status if status.ended}
TENANTS = ("acme", "globex")
LIMITS = (3, 2)
ANY = st.integers(0, 1_000)
# No crash in half of all steps; else at one of the first calls, before it or after it.
FAULTS = st.one_of(st.none(), st.tuples(st.integers(1, 12), st.booleans()))


class CrashError(BaseException):
    """The process ends here: nothing catches it."""


@contextmanager
def crashing(fault):
    """Let the process end at its n-th call to AWS, before it or after it took effect."""
    client_of = (clients.dynamodb(), clients.stepfunctions())
    if fault is None:
        yield
        return
    at, took_effect = fault
    calls = 0

    def counted(real):
        def call(*arguments, **options):
            nonlocal calls
            calls += 1
            if calls == at and not took_effect:
                raise CrashError
            answer = real(*arguments, **options)
            if calls == at:
                raise CrashError
            return answer

        return call

    with pytest.MonkeyPatch.context() as patch:
        for client in client_of:
            for name in (
                "transact_write_items",
                "update_item",
                "get_item",
                "query",
                "start_execution",
                "stop_execution",
            ):
                if hasattr(client, name):
                    patch.setattr(client, name, counted(getattr(client, name)))
        with suppress(CrashError):
            yield


class LedgerMachine(RuleBasedStateMachine):
    """Callers, machines and faults."""

    stack = None  # given by the test: hypothesis makes the machine

    def __init__(self):
        super().__init__()
        self.made = 0
        self.tasks, self.seen, self.ended, self.answered = [], {}, {}, {}
        # Hypothesis wants each run to begin at nothing.
        for table, key in ((TABLE, ("pk", "sk")), ("CacheTable", ("pk",))):
            for item in clients.dynamodb().scan(TableName=table)["Items"]:
                clients.dynamodb().delete_item(TableName=table, Key={name: item[name] for name in key})
        self.stack.now = NOW

    # ---- what there is

    def items(self):
        """All that the table holds."""
        pages = clients.dynamodb().get_paginator("scan").paginate(TableName=TABLE)
        return [from_item(item) for page in pages for item in page["Items"]]

    def records(self, items=None):
        """Every workflow that was written, whoever crashed then; items of batches too."""
        found = [item for item in items or self.items() if item["sk"] == "WORKFLOW"]
        return sorted(map(WorkflowRecord.model_validate, found), key=lambda record: record.workflow_id)

    def whole(self):
        return [record for record in self.records() if record.parent_id is None]

    def deliverable(self):
        """Every task that was ever handed out: a queue may deliver any of them again."""
        for record in self.whole():
            if record.status is not Status.RUNNING:
                continue
            carried = self.stack.carried(record.workflow_id)
            if "items_key" in carried:
                new = [task for item in self.stack.items(record.workflow_id) for task in item["tasks"]]
            else:
                new = tasks_of(carried)
            self.tasks += [task for task in new if task not in self.tasks]
        return self.tasks

    # ---- what may happen

    @rule(
        tenant=st.sampled_from(TENANTS),
        priority=st.sampled_from(("low", "normal", "urgent")),
        kind=st.sampled_from(("classification", "hybrid")),
        same=st.booleans(),
        fault=FAULTS,
    )
    def create(self, tenant, priority, kind, same, fault):
        """New work, or the same as another of its kind was last, which may be in flight."""
        self.made += not same
        data = {**(MEETING if kind == "hybrid" else DOCUMENT), "title": f"number {self.made}"}
        if kind == "classification":
            data = {**DOCUMENT, "content": f"note {self.made}"}
        with crashing(fault):
            self.stack.create(kind, data, caller=user(tenant=tenant), priority=priority)

    @rule(tenant=st.sampled_from(TENANTS), fault=FAULTS)
    def create_batch(self, tenant, fault):
        self.made += 1
        note = {**DOCUMENT, "content": f"item {self.made}"}
        meeting = {**MEETING, "title": f"item {self.made}"}
        items = [
            {"workflow_type": "classification", "input_data": note},
            {"workflow_type": "hybrid", "input_data": meeting},
        ]
        with crashing(fault):
            self.stack.batch(*items, caller=user(tenant=tenant))

    @rule(number=ANY, fails=st.booleans(), fault=FAULTS)
    def deliver_a_task(self, number, fails, fault):
        if tasks := self.deliverable():
            task = tasks[number % len(tasks)]
            failure = {"error": {"Error": "States.Timeout", "Cause": ""}}
            with crashing(fault):
                self.stack.settle({**task, **failure}) if fails else self.stack.run(task)

    @rule(number=ANY, fault=FAULTS)
    def cancel_while_a_task_computes(self, number, fault):
        if tasks := self.deliverable():
            task = tasks[number % len(tasks)]

            def cancelled_meanwhile(service, request, tenant_id, owner, wanted):
                self.cancel_one(self.stack.record(task["workflow_id"]), None)
                return answer(service, request, tenant_id, owner, wanted)

            with crashing(fault):
                self.stack.run(task, cancelled_meanwhile)

    @rule(
        number=ANY, status=st.sampled_from(("SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "RESTARTED")), fault=FAULTS
    )
    def event_of_an_end(self, number, status, fault):
        if whole := [record for record in self.whole() if record.attempt]:
            record = whole[number % len(whole)]
            name = f"{record.workflow_id}-{1 + number % record.attempt}"
            detail = {"name": name, "status": status}
            if status == "RESTARTED":
                detail = {"name": name, "status": "FAILED", "error": "States.ServiceRestart"}
            with crashing(fault):
                settle_ended_execution(self.stack.parts, {"detail": detail}, now=self.stack.now)

    @rule(number=ANY, fault=FAULTS)
    def cancel(self, number, fault):
        if records := self.records():
            self.cancel_one(records[number % len(records)], fault)

    def cancel_one(self, record, fault):
        try:
            with crashing(fault):
                cancel_workflow(self.stack.parts, record.workflow_id, user(tenant=record.tenant_id), now=self.stack.now)
        except ConflictError:
            assert record.status.ended or record.parent_id

    @rule(minutes=st.sampled_from((1, 45, 1_500)), fault=FAULTS)
    def reconcile(self, minutes, fault):
        self.deliverable()
        self.stack.now += timedelta(minutes=minutes)
        with crashing(fault):
            reconcile(self.stack.parts, now=self.stack.now)

    # ---- what holds after each

    @invariant()
    def the_ledger_does_not_lie(self):
        items = self.items()
        records = self.records(items)
        self.leases_are_those_of_what_runs_and_within_limits(items, records)
        self.nothing_goes_back_and_an_end_is_the_end(items, records)
        self.no_result_comes_after_an_end(items, records)
        self.a_batch_counts_its_items_as_they_ended(items, records)
        self.what_waits_stands_in_one_line(items, records)

    def what_waits_stands_in_one_line(self, items, records):
        waiting = [record for record in records if record.status is Status.QUEUED]
        joined = sorted(record.workflow_id for record in waiting if record.joined_to)
        assert sorted(item["workflow_id"] for item in items if item["pk"] == keys.JOINED) == joined
        ready = sorted(item["workflow_id"] for item in items if "ready_key" in item)
        assert ready == sorted(record.workflow_id for record in waiting if not record.joined_to)

    def leases_are_those_of_what_runs_and_within_limits(self, items, records):
        running = [record for record in records if record.status is Status.RUNNING and record.parent_id is None]
        taken = sorted(item["owner"] for item in items if item["pk"] == keys.global_leases())
        assert taken == sorted(record.lease_owner for record in running)
        assert len(taken) <= LIMITS[0]
        for tenant in TENANTS:
            held = sorted(item["owner"] for item in items if item["pk"] == keys.tenant_leases(tenant))
            assert held == sorted(record.lease_owner for record in running if record.tenant_id == tenant)
            assert len(held) <= LIMITS[1]

    def nothing_goes_back_and_an_end_is_the_end(self, items, records):
        said = Counter(item["pk"] for item in items if item["sk"].startswith("AUDIT#") and item["action"] in ENDS)
        for record in records:
            place = (record.status is not Status.QUEUED, record.attempt)
            assert place >= self.seen.get(record.workflow_id, place)
            self.seen[record.workflow_id] = place
            assert said[keys.partition(record.workflow_id)] == record.status.ended
            if record.status.ended:
                assert self.ended.setdefault(record.workflow_id, record) == record

    def no_result_comes_after_an_end(self, items, records):
        results = {(item["pk"], item["sk"]) for item in items if item["sk"].startswith("RESULT#") and "bytes" in item}
        for record in records:
            pk = keys.partition(record.workflow_id)
            if record.status.ended:
                kept = {place for place in results if place[0] == pk}
                assert self.answered.setdefault(record.workflow_id, kept) == kept
            if record.status is Status.COMPLETED and record.parent_id is None and record.total is None:
                wanted = {keys.result(record.workflow_id, record.attempt, service)["sk"] for service in record.services}
                assert record.cached or record.joined_to or {(pk, sk) for sk in wanted} <= results

    def a_batch_counts_its_items_as_they_ended(self, items, records):
        for batch in (record for record in records if record.total):
            own = Counter(record.status for record in records if record.parent_id == batch.workflow_id)
            tallies = [item for item in items if item["pk"] == keys.partition(batch.workflow_id) and "done" in item]
            assert sum(tally["done"] for tally in tallies) == own[Status.COMPLETED] + own[Status.PARTIALLY_COMPLETED]
            assert sum(tally["failed"] for tally in tallies) == own[Status.FAILED]
            assert sum(tally["cancelled"] for tally in tallies) == own[Status.CANCELLED]

    # ---- faults stop

    def teardown(self):
        """Whatever is left must end, nothing may be lost, and all capacity must come back."""
        for _ in range(len(self.whole()) + 1):
            self.stack.now += timedelta(minutes=1)
            reconcile(self.stack.parts, now=self.stack.now)
            for record in self.whole():
                if record.status is Status.RUNNING:
                    self.finish(record)
        assert all(record.status.ended for record in self.whole())
        assert self.stack.leases() == []

    def finish(self, record):
        if record.total is None:
            self.stack.run_tasks(self.stack.carried(record.workflow_id))
            return
        for item in self.stack.items(record.workflow_id):
            self.stack.run_item(item)
        self.stack.settle(self.stack.carried(record.workflow_id))


@pytest.mark.parametrize("limits", [LIMITS])
def test_any_order_of_events_and_faults(stack, limits):
    LedgerMachine.stack = stack
    sizes = settings(
        max_examples=10, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    run_state_machine_as_test(LedgerMachine, settings=sizes)
