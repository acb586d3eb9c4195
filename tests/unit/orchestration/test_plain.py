"""Small rules of orchestration, without AWS."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from besunny.clock import to_iso
from besunny.orchestration import keys
from besunny.orchestration.cache import cache_key
from besunny.orchestration.catalogue import WorkflowType
from besunny.orchestration.costs import cost_of, steps_of
from besunny.orchestration.executions import attempt_of
from besunny.orchestration.records import InputReference, Priority, Status, Usage, WorkflowRecord
from besunny.orchestration.settlement import readable

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
KEY = {
    "tenant_id": "acme",
    "workflow_type": "hybrid",
    "input_text": "{}",
    "services": ["classification", "embeddings"],
    "engine": "embedded/m/1",
    "taught": 0,
    "config_version": "1",
}
OTHER = {"services": ["classification"], "taught": 1}


@pytest.mark.parametrize("field", KEY)
def test_the_cache_key_depends_on_everything_that_an_answer_depends_on(field):
    other = {**KEY, field: OTHER[field] if field in OTHER else KEY[field] + "x"}
    assert cache_key(**KEY) != cache_key(**other)


def test_the_cache_key_does_not_depend_on_the_order_of_services():
    assert cache_key(**KEY) == cache_key(**{**KEY, "services": KEY["services"][::-1]})


def place(tenant_id, created, priority):
    """In the queue."""
    record = WorkflowRecord(
        workflow_id="w",
        tenant_id=tenant_id,
        owner="alice",
        workflow_type=WorkflowType.HYBRID,
        status=Status.QUEUED,
        priority=priority,
        input=InputReference(kind="item"),
        created_at=to_iso(created),
        expires_at=0,
    )
    return keys.ready_sort(record)


@given(st.text(min_size=1), st.text(min_size=1), st.sampled_from(Priority), st.sampled_from(Priority))
def test_no_tenants_queue_reaches_into_anothers(first, second, one, other):
    mine, theirs = (place(t, NOW, p) for t, p in ((first, one), (second, other)))
    assert mine.startswith(keys.ready_tenant(second)) == (first == second)
    # Skipping past one tenant's places lands on the other's, whichever sorts first.
    if first != second:
        after = keys.ready_tenant(first) + "~"
        assert mine < after
        assert (theirs > after) == (theirs > mine)


@given(st.text(), st.text(), st.text(), st.sampled_from(["#", "/", "\n", "%"]))
def test_where_a_tenants_name_ends_is_never_in_doubt(first, second, third, joint):
    one, other = (f"{first}{joint}{second}", third), (first, f"{second}{joint}{third}")
    assert keys.owner_list(*one) != keys.owner_list(*other)
    assert keys.idempotency(*one, "k") != keys.idempotency(*other, "k")
    assert keys.object_key("uploads", *one) != keys.object_key("uploads", *other)


@given(st.integers(0, 10_000), st.integers(0, 10_000), st.sampled_from(Priority))
def test_of_equal_priority_the_older_goes_first(early, late, priority):
    places = [place("t", NOW + timedelta(seconds=s), priority) for s in (early, late)]
    assert (places[0] < places[1]) == (early < late)


def test_urgent_goes_before_all_that_waits():
    waited = place("t", NOW - timedelta(days=30), Priority.HIGH)
    assert place("t", NOW, Priority.URGENT) < waited


def test_a_cost_is_its_counts_times_the_prices():
    usage = Usage(transitions=4, lambda_invocations=2, lambda_mb_ms=1024 * 1000, read_units=10, write_units=20)
    cost = cost_of(usage)
    assert cost.lambda_gb_seconds == 1
    expected = 4 * 25e-6 + 2 * 2e-7 + 13.3334e-6 + 10 * 1.25e-7 + 20 * 6.25e-7
    assert cost.usd == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("kind", "services", "drawn"), [("hybrid", 1, (5, 3)), ("hybrid", 3, (5, 3)), ("classification", 1, (2, 1))]
)
def test_steps_of_a_type(kind, services, drawn):
    steps = steps_of(WorkflowType(kind), services)
    assert (steps.transitions, steps.invocations) == drawn


def test_usage_adds_up_field_by_field():
    one = Usage(transitions=1, lambda_invocations=2, lambda_mb_ms=3, read_units=4, write_units=5)
    assert one.plus(one) == Usage(transitions=2, lambda_invocations=4, lambda_mb_ms=6, read_units=8, write_units=10)


def test_an_executions_name_gives_workflow_and_attempt():
    name = "0199f3c1-7a10-7c3e-9b1e-5f2d8a4c6e01-12"
    assert attempt_of(name) == ("0199f3c1-7a10-7c3e-9b1e-5f2d8a4c6e01", 12)


@pytest.mark.parametrize(
    ("cause", "shown"),
    [
        ('{"errorMessage": "too large", "errorType": "InvalidInputError", "stackTrace": ["secret"]}', "too large"),
        ('{"errorMessage": "timed out", "errorType": "Sandbox.Timedout"}', "timed out"),
        (
            '{"errorMessage": "bad value: sk-1 of the document", "errorType": "ValueError"}',
            "an unexpected error (ValueError); it is logged",
        ),
        ('{"stackTrace": ["secret"]}', "no message was given"),
        ("plain", "plain"),
        (None, "no cause was given"),
        ("[1]", "no message was given"),
    ],
)
def test_a_cause_for_people_has_no_stack_trace(cause, shown):
    assert readable(cause) == shown
