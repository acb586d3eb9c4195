"""The sample events: one for each function, of the shape that its trigger sends."""

import json

import pytest

from tests.infrastructure.template import ROOT, functions, routes

EVENTS = {path.stem: json.loads(path.read_text()) for path in (ROOT / "events").glob("*.json")}
MODULES = {name: properties["Handler"].split(".")[1] for name, properties in functions().items()}


def test_every_function_has_an_event_of_its_handlers_name():
    assert set(EVENTS) == set(MODULES.values())


@pytest.mark.parametrize(("endpoint", "name"), routes().items(), ids=str)
def test_an_api_event_is_of_its_own_route(endpoint, name):
    event = EVENTS[MODULES[name]]
    assert (event["httpMethod"], event["resource"]) == endpoint
    assert event["requestContext"]["resourcePath"] == event["resource"]


def test_queue_events_have_the_queues_shape():
    for name, properties in functions().items():
        if any(event["Type"] == "SQS" for event in properties.get("Events", {}).values()):
            assert all(record["eventSource"] == "aws:sqs" for record in EVENTS[MODULES[name]]["Records"])
