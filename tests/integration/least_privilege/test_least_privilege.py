"""Each function's role allows every call that the function makes, and no call that it never makes.

The functions run on moto in the environment that the template gives them, through what happens in their lives; the
laptop's engine and moto ask no policy, so what is recorded here is the proof. What SAM adds by itself (logs, X-Ray, the
activity queue's consumer, dead letters) is not held to it.
"""

import pytest

from tests.infrastructure.template import functions
from tests.integration.least_privilege import (
    engine_scenes,
    feedback_scenes,
    other_scenes,
    project_scenes,
    search_scenes,
    workflow_scenes,
)
from tests.integration.least_privilege.account import account


@pytest.fixture(scope="module")
def played():
    with account() as stack:
        workflow_scenes.play(stack)
        other_scenes.play(stack)
        search_scenes.play(stack)
        project_scenes.play(stack)
        feedback_scenes.play(stack)
        engine_scenes.play(stack)
        yield stack


def test_every_function_is_played(played):
    assert functions().keys() - played.calls.keys() == set(), "write scenes for these"


def test_every_call_is_allowed(played):
    refused = {
        name: sorted(call for call in calls if not any(access.covers(call) for access in allowed_to(played, name)))
        for name, calls in played.calls.items()
    }
    assert {name: calls for name, calls in refused.items() if calls} == {}, "allow these in template.yaml"


def test_nothing_is_allowed_that_no_call_needs(played):
    unused = {
        name: [access for access in allowed_to(played, name) if not any(access.covers(call) for call in calls)]
        for name, calls in played.calls.items()
    }
    excess = {name: accesses for name, accesses in unused.items() if accesses}
    assert excess == {}, "take these out of template.yaml, or write the scene that needs them"


def test_a_function_is_given_the_variables_that_it_reads_and_no_others(played):
    given = {
        name: set(properties.get("Environment", {}).get("Variables", {})) for name, properties in functions().items()
    }
    # A setting with a default is read whether or not it is given: each that any function is given counts.
    known = set().union(*given.values())
    read = {name: known & asked for name, asked in played.asked.items()}
    assert {name: given[name] ^ read[name] for name in given if given[name] != read[name]} == {}


def allowed_to(played, name):
    return played.names.allowed(functions()[name])
