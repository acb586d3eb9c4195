"""What functions tell each other of an engine, on moto: each `Function` is one that knows nothing but the table."""

from datetime import UTC, datetime, timedelta

import boto3
import pytest
from moto import mock_aws

from besunny.aws import clients
from besunny.inference.contracts.engine import EngineInfo
from besunny.inference.contracts.engine_config import OpenAiCompatible
from besunny.inference.engines.circuits import MOST_RETRIES, Circuits, Watch, view_of
from tests.integration.inference.conftest import make_table

ENGINE = EngineInfo(name="house", model="m", version="1", kind="openai_compatible", config_version="abc")
SETTINGS = OpenAiCompatible(
    kind="openai_compatible", base_url="http://127.0.0.1:9/v1", model="m", open_after=3, cool_down_seconds=30
)


class Shared:
    """The table and the time."""

    now = datetime(2026, 5, 4, 12, tzinfo=UTC)

    def clock(self):
        return self.now

    def wait(self, seconds):
        self.now += timedelta(seconds=seconds)

    @property
    def circuits(self):
        return Circuits(clients.dynamodb, "RoutingTable")

    def read(self):
        return self.circuits.read([ENGINE])["house"]

    def state(self):
        return self.read().state(self.now.timestamp(), 30)

    def function(self, *, probing=False):
        return Watch(self.circuits, ENGINE, SETTINGS, self.read(), self.clock, probing=probing)

    def claims(self):
        return self.circuits.claim_probe(ENGINE, self.read(), SETTINGS, self.now.timestamp())

    def fail(self, times):
        for _ in range(times):
            self.function().failed(100.0, "HTTP 503")


@pytest.fixture
def shared(monkeypatch):
    for name in ("AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "POWERTOOLS_METRICS_NAMESPACE"):
        monkeypatch.setenv(name, "us-east-1" if name == "AWS_DEFAULT_REGION" else "test")
    clients.dynamodb.cache_clear()
    with mock_aws():
        make_table("RoutingTable")
        yield Shared()
    clients.dynamodb.cache_clear()


def test_failures_of_all_functions_add_up_and_open_it_for_all(shared):
    shared.fail(2)
    assert shared.state() == "closed"
    shared.fail(1)
    assert shared.state() == "open"
    shared.wait(29)
    assert shared.state() == "open"
    shared.wait(1)
    assert shared.state() == "half_open"


def test_an_answer_in_between_begins_the_count_anew(shared):
    shared.fail(2)
    shared.function().answered(10.0)
    shared.fail(2)
    assert shared.state() == "closed"


def test_one_of_all_probes_and_its_answer_closes_it(shared):
    shared.fail(3)
    shared.wait(30)
    assert [shared.claims() for _ in range(3)] == [True, False, False]
    assert shared.state() == "open"
    shared.function(probing=True).answered(50.0)
    assert (shared.state(), shared.read().failures) == ("closed", 0)


def test_a_probe_that_fails_begins_the_cool_down_anew(shared):
    shared.fail(3)
    shared.wait(30)
    assert shared.claims()
    shared.function(probing=True).failed(50.0, "HTTP 503")
    assert shared.state() == "open"
    shared.wait(29)
    assert shared.state() == "open"
    shared.wait(1)
    assert shared.claims()


def test_a_probe_that_is_never_heard_of_again_holds_nobody_up_for_long(shared):
    shared.fail(3)
    shared.wait(30)
    assert shared.claims()
    shared.wait(SETTINGS.timeout_seconds + 4)
    assert not shared.claims()
    shared.wait(1)
    assert shared.claims()


def test_a_late_failure_of_before_does_not_prolong_it_nor_a_late_answer_end_it(shared):
    early = [shared.function(), shared.function()]
    shared.fail(3)
    shared.wait(20)
    early[0].failed(20_000.0, "timeout")
    early[1].answered(20_000.0)
    assert shared.state() == "open"
    shared.wait(10)
    assert shared.state() == "half_open"


def test_a_retry_is_refused_once_the_circuit_is_open(shared):
    asking = shared.function()
    asking.failed(1.0, "HTTP 503")
    assert asking.may_retry()
    shared.fail(1)
    asking.failed(1.0, "HTTP 503")
    assert not asking.may_retry()


def test_retries_are_a_share_of_the_answers_whoever_asks(shared):
    shared.function().answered(1.0)
    taken = [shared.function().may_retry() for _ in range(30)]
    assert taken.count(True) == MOST_RETRIES
    for _ in range(50):
        shared.function().answered(1.0)
    assert [shared.function().may_retry() for _ in range(30)].count(True) == pytest.approx(MOST_RETRIES, abs=1)


def test_an_engine_that_is_configured_anew_begins_anew(shared):
    shared.fail(3)
    other = ENGINE.model_copy(update={"config_version": "other"})
    assert shared.circuits.read([other])["house"].opened_at is None


def test_people_see_since_when_why_and_until_when(shared):
    shared.fail(3)
    shared.wait(5)
    view = view_of(shared.read(), SETTINGS, shared.now)
    assert (view.state, view.failures, view.last_failure, view.latency_ms) == ("open", 3, "HTTP 503", 100.0)
    assert (view.since, view.next_probe) == ("2026-05-04T12:00:00.000Z", "2026-05-04T12:00:30.000Z")


def test_a_table_that_cannot_be_reached_keeps_no_engine_from_answering(shared, caplog):
    boto3.client("dynamodb").delete_table(TableName="RoutingTable")
    asking = shared.function()
    asking.answered(1.0)
    asking.failed(1.0, "HTTP 503")
    assert shared.state() == "closed"
    assert not asking.may_retry()
    assert "could not be read" in caplog.text
