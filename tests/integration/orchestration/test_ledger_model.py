"""The ledger against any order of events: what holds after each, and that all work ends once faults stop."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from besunny.errors import ConflictError
from besunny.orchestration.cancellation import cancel_workflow
from besunny.orchestration.endings import settle_ended_execution, settle_last_state
from besunny.orchestration.reconciliation import reconcile
from besunny.orchestration.records import Status
from tests.integration.orchestration.conftest import DOCUMENT, answer, user

TENANTS = ("acme", "globex")
LIMITS = (3, 2)
ANY = st.integers(0, 1_000)


class LedgerMachine(RuleBasedStateMachine):
    """Callers, executions (as carried inputs, each deliverable at any time and often) and faults."""

    stack = None  # given by the test: hypothesis makes the machine

    def __init__(self):
        super().__init__()
        self.ids, self.tenants, self.carried, self.ended, self.seen = [], {}, [], {}, {}

    def started(self):
        for workflow_id in self.ids:
            record = self.stack.record(workflow_id)
            if record.status is Status.RUNNING:
                carried = self.stack.carried(workflow_id)
                if carried not in self.carried:
                    self.carried.append(carried)
        return self.carried

    def pick(self, number):
        carried = self.started()
        return carried[number % len(carried)] if carried else None

    @rule(tenant=st.sampled_from(TENANTS), priority=st.sampled_from(("low", "normal", "urgent")))
    def create(self, tenant, priority):
        data = {**DOCUMENT, "content": f"note {len(self.ids)} at {self.stack.now}"}
        made = self.stack.create(data=data, caller=user(tenant=tenant), priority=priority).workflow_id
        self.ids.append(made)
        self.tenants[made] = tenant

    @rule(number=ANY)
    def run_task(self, number):
        if carried := self.pick(number):
            event = {**carried, "service": "classification"}
            self.stack.runner().run_task(event, run=answer, memory_mb=1, now=self.stack.now)

    @rule(number=ANY)
    def settle(self, number):
        if carried := self.pick(number):
            event = {**carried, "branches": [{"service": "classification"}]}
            settle_last_state(self.stack.parts, event, now=self.stack.now)

    @rule(number=ANY, status=st.sampled_from(("FAILED", "TIMED_OUT", "ABORTED", "RESTARTED")))
    def event_of_an_end(self, number, status):
        if carried := self.pick(number):
            name = f"{carried['workflow_id']}-{carried['attempt']}"
            detail = {"name": name, "status": status}
            if status == "RESTARTED":
                detail = {"name": name, "status": "FAILED", "error": "States.ServiceRestart"}
            settle_ended_execution(self.stack.parts, {"detail": detail}, now=self.stack.now)

    @rule(number=ANY)
    def cancel(self, number):
        if self.ids:
            chosen = self.ids[number % len(self.ids)]
            ended = self.stack.record(chosen).status.ended
            try:
                cancel_workflow(self.stack.parts, chosen, user(tenant=self.tenants[chosen]), now=self.stack.now)
            except ConflictError:
                assert ended
            else:
                assert not ended

    @rule(minutes=st.sampled_from((1, 45)))
    def reconcile(self, minutes):
        self.started()
        self.stack.now += timedelta(minutes=minutes)
        reconcile(self.stack.parts, now=self.stack.now)

    @invariant()
    def leases_and_running_work_are_the_same_and_within_limits(self):
        taken = self.stack.parts.leases.taken()
        running = [r for r in map(self.stack.record, self.ids) if r.status is Status.RUNNING]
        assert sorted(lease.owner for lease in taken) == sorted(record.lease_owner for record in running)
        assert len(taken) <= LIMITS[0]
        for tenant in TENANTS:
            held = self.stack.parts.leases.taken_of(tenant)
            assert sorted(lease.owner for lease in held) == sorted(
                r.lease_owner for r in running if r.tenant_id == tenant
            )
            assert len(held) <= LIMITS[1]

    @invariant()
    def nothing_goes_back(self):
        for workflow_id in self.ids:
            record = self.stack.record(workflow_id)
            place = (record.status is not Status.QUEUED, record.attempt)
            assert place >= self.seen.get(workflow_id, place)
            self.seen[workflow_id] = place

    @invariant()
    def an_end_is_the_end(self):
        for workflow_id in self.ids:
            record = self.stack.record(workflow_id)
            if record.status.ended:
                assert self.ended.setdefault(workflow_id, record) == record

    def teardown(self):
        """Faults stop: whatever is left must end, and all capacity must come back."""
        for _ in range(len(self.ids) + 1):
            for workflow_id in self.ids:
                if self.stack.record(workflow_id).status is Status.RUNNING:
                    assert self.stack.finish(workflow_id) is Status.COMPLETED
        assert all(self.stack.record(workflow_id).status.ended for workflow_id in self.ids)
        assert self.stack.leases() == []


@pytest.mark.parametrize("limits", [LIMITS])
def test_any_order_of_events(stack, limits):
    LedgerMachine.stack = stack
    sizes = settings(
        max_examples=8, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    run_state_machine_as_test(LedgerMachine, settings=sizes)
