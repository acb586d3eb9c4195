"""Engines and the ledger: what is cached, under which key, and what a workflow with a metered engine costs."""

import json

import boto3
import pytest
from aws_lambda_powertools.utilities import parameters as powertools_parameters

from besunny.errors import EngineFailedError, EngineTriedError, MisconfiguredError
from besunny.inference.contracts.common import Coverage
from besunny.inference.contracts.engine import CIRCUIT_OPEN, CircuitView, EngineInfo, EngineUsage, PassedOver
from besunny.inference.contracts.versions import EMBEDDED, engine_order
from besunny.orchestration import keys
from besunny.orchestration.costs import cost_of
from besunny.orchestration.health import services_health
from besunny.orchestration.parts import parts
from besunny.orchestration.settings import EngineSettings
from tests.integration.orchestration.conftest import DOCUMENT, Answered

PARAMETER = "/test/engines"
HOUSE = {"kind": "openai_compatible", "base_url": "http://127.0.0.1:9/v1", "model": "m"}
NOTHING = ("since", "next_probe", "latency_ms", "last_failure")
USED = EngineUsage(calls=3, input_tokens=1000, output_tokens=100, milliseconds=5.0, usd=0.25)


def publish(document):
    boto3.client("ssm").put_parameter(
        Name=PARAMETER,
        Value=document if isinstance(document, str) else json.dumps(document),
        Type="String",
        Overwrite=True,
    )
    powertools_parameters.clear_caches()


def document(**changes):
    order = {"classification": ["house", "embedded"]}
    return {"engines": {"house": HOUSE}, "default": {}, "tenants": {"acme": order}, **changes}


@pytest.fixture
def configured(stack, monkeypatch):
    monkeypatch.setenv("ENGINES_PARAMETER", PARAMETER)
    EngineSettings.from_environment.__func__.cache_clear()
    parts.cache_clear()
    publish(document())
    yield stack
    EngineSettings.from_environment.__func__.cache_clear()
    parts.cache_clear()


def run(stack, engine, usage=None, *, data=None, **fields):
    """One classification, answered by this engine; by an error, that error is raised."""
    view = stack.create(data=data)
    if view.cached:
        return view

    def answer(service, request, tenant_id, owner, wanted):
        assert tenant_id == "acme"
        if isinstance(engine, Exception):
            raise engine
        return Answered(service=service, seen="", engine=engine, usage=usage, **fields)

    carried = stack.carried(view.workflow_id)
    try:
        stack.run(carried, answer)
    except EngineTriedError as error:
        caught = {"Error": type(error).__name__, "Cause": json.dumps({"errorMessage": str(error)})}
        stack.settle({**carried, "error": caught})
    return stack.create(data=data)


def first_choice():
    return engine_order(PARAMETER, "acme", "classification")[0][0]


def test_what_the_first_choice_answered_is_cached(configured):
    assert run(configured, first_choice()).cached


def test_what_a_stand_in_answered_is_not(configured):
    assert not run(configured, EMBEDDED).cached


def test_what_an_older_configuration_answered_is_not(configured):
    assert not run(configured, first_choice().model_copy(update={"config_version": "other"})).cached


@pytest.mark.parametrize(
    "change",
    [
        {"engines": {"house": {**HOUSE, "model": "n"}}},
        {"engines": {"house": {**HOUSE, "temperature": 0.3}}},
        {"tenants": {"acme": {"classification": ["embedded"]}}},
        {"version": "2"},
    ],
)
def test_another_model_setting_or_order_is_another_key(configured, change):
    assert run(configured, first_choice()).cached
    publish(document(**change))
    assert not configured.create().cached


@pytest.mark.parametrize(
    "change",
    [
        {"engines": {"house": {**HOUSE, "timeout_seconds": 9, "attempts": 5}}},
        {"tenants": {**document()["tenants"], "other": {"classification": ["embedded"]}}},
    ],
)
def test_what_shapes_no_answer_of_this_tenant_keeps_the_key(configured, change):
    assert run(configured, first_choice()).cached
    publish(document(**change))
    assert configured.create().cached


def test_the_cost_of_a_workflow_holds_that_of_its_engines(configured):
    view = run(configured, EMBEDDED, USED)
    workflow = ended_one(configured)
    assert (workflow.usage.engine_calls, workflow.usage.engine_usd) == (3, 0.25)
    cost = cost_of(workflow.usage)
    assert cost.note is None
    assert cost.engine_usd == 0.25
    assert 0.25 < cost.usd < 0.26
    assert (cost.engine_input_tokens, cost.engine_output_tokens) == (1000, 100)
    assert view.workflow_id != workflow.workflow_id


def test_an_unknown_price_is_null_and_not_nothing(configured):
    run(configured, EMBEDDED, USED.model_copy(update={"usd": None}))
    workflow = ended_one(configured)
    assert cost_of(workflow.usage).engine_usd is None
    assert "`usd` is without engines" in cost_of(workflow.usage).note


def ended_one(stack):
    mine, _ = stack.parts.store.page_of_list(keys.owner_list("acme", "alice"), limit=9, start=None, newest_first=False)
    return next(workflow for workflow in mine if workflow.status.ended)


def test_the_plan_and_the_health_name_the_callers_first_choice(configured):
    assert configured.create(dry_run=True).plan.engine == "house"
    now = configured.now
    assert (
        services_health(configured.parts, "acme", circuits=closed, now=now).services["classification"].engine == "house"
    )
    assert (
        services_health(configured.parts, "other", circuits=closed, now=now).services["classification"].engine
        == "embedded"
    )


BUSY = PassedOver(engine="house", error="EngineUnavailableError", reason="the server answered HTTP 503, in 3 requests")


def closed(engines):
    """Every circuit."""
    return {engine.name: CircuitView(state="closed", failures=0, **dict.fromkeys(NOTHING)) for engine in engines}


def health(stack, tenant="acme", circuits=closed):
    return services_health(stack.parts, tenant, circuits=circuits, now=stack.now).services["classification"]


def test_a_first_engine_that_was_passed_over_is_not_healthy_though_another_answered(configured):
    assert health(configured).first_engine.status == "unknown"
    run(configured, EMBEDDED, passed_over=[BUSY])
    found = health(configured)
    assert (found.status, found.error_share, found.engine) == ("degraded", 0.0, "house")
    assert (found.first_engine.status, found.first_engine.asked) == ("down", 1)
    assert found.first_engine.last_failure == "EngineUnavailableError: the server answered HTTP 503, in 3 requests"
    for number in range(30):
        run(configured, first_choice(), data={"content": f"another document {number}", "projects": []})
    found = health(configured)
    assert (found.status, found.first_engine.status, found.first_engine.asked) == ("healthy", "healthy", 31)
    assert health(configured, "other").first_engine is None


def test_engines_that_all_failed_are_counted_and_what_they_used_is_paid(configured):
    error = EngineFailedError("no engine answered: house: its output was not usable")
    error.usage, error.passed_over = USED, [BUSY.model_copy(update={"error": "EngineFailedError", "reason": "no JSON"})]
    run(configured, error)
    workflow = ended_one(configured)
    assert workflow.status == "failed"
    assert (workflow.usage.engine_calls, workflow.usage.engine_usd) == (3, 0.25)
    found = health(configured)
    assert (found.status, found.first_engine.last_failure) == ("down", "EngineFailedError: no JSON")


def test_an_answer_to_a_part_is_not_kept_and_the_engine_is_not_healthy(configured):
    part = Coverage(characters=9, characters_used=4, share=0.4, note="1 of 2 parts were not read: no time was left")
    assert not run(configured, first_choice(), coverage=part).cached
    assert "1 of 2 parts" in health(configured).first_engine.last_failure


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not JSON"),
        (json.dumps(document(engines={})), "not defined|names of embedded"),
        (json.dumps(document(engines={"house": {**HOUSE, "api_key_env": "K"}})), "api_key_secret"),
    ],
)
def test_a_wrong_document_names_parameter_field_and_fix(configured, text, said):
    publish(text)
    with pytest.raises(MisconfiguredError, match=said) as caught:
        configured.create()
    assert PARAMETER in str(caught.value)


def test_a_parameter_that_is_not_there(configured):
    boto3.client("ssm").delete_parameter(Name=PARAMETER)
    powertools_parameters.clear_caches()
    with pytest.raises(MisconfiguredError, match=PARAMETER):
        configured.create()


def test_without_a_parameter_nothing_is_read(stack):
    assert engine_order("", "acme", "classification") == [[EMBEDDED]]
    view = run(stack, EngineInfo(name="test", model="none", version="1"))
    assert view.cached


def test_an_engine_whose_circuit_is_open_is_down_and_what_nobody_asked_is_counted_nowhere(configured):
    kept_away = PassedOver(engine="house", error=CIRCUIT_OPEN, reason="its circuit is open")
    run(configured, EMBEDDED, passed_over=[kept_away])

    def opened(engines):
        return {
            one.name: view.model_copy(update={"state": "open"})
            for one, view in zip(engines, closed(engines).values(), strict=True)
        }

    found = health(configured, circuits=opened)
    assert (found.first_engine.status, found.first_engine.asked, found.status) == ("down", 0, "degraded")
    assert [one.name for one in found.engines] == ["house"]


def test_engines_that_share_a_place_are_all_first_choices(configured):
    other = {**HOUSE, "model": "n"}
    publish(
        {
            **document(),
            "engines": {"house": HOUSE, "other": other},
            "tenants": {"acme": {"classification": [["house", "other"], "embedded"]}},
        }
    )
    (first, second), _ = engine_order(PARAMETER, "acme", "classification")
    assert configured.create(dry_run=True).plan.engine == "house, other"
    assert run(configured, first, data={**DOCUMENT, "content": "One."}).cached
    assert run(configured, second, data={**DOCUMENT, "content": "Two."}).cached
    assert not run(configured, EMBEDDED, data={**DOCUMENT, "content": "Three."}).cached
