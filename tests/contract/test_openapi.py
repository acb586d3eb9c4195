"""The OpenAPI document that is checked in is the one that the handlers generate."""

import json
from collections import Counter

import pytest

from besunny.api.access import NEEDED, OPEN
from local.openapi import DOCUMENT, generate, render


@pytest.fixture(scope="module")
def generated():
    return generate()


def test_the_checked_in_document_is_current(generated):
    assert DOCUMENT.read_text() == render(generated), "run `make openapi`"


def test_every_endpoint_is_described(generated):
    described = {(verb.upper(), path) for path, verbs in generated["paths"].items() for verb in verbs}
    assert described == set(NEEDED) | OPEN


def test_only_open_endpoints_need_no_token(generated):
    for path, verbs in generated["paths"].items():
        for verb, operation in verbs.items():
            assert (operation.get("security") == []) == ((verb.upper(), path) in OPEN)


def test_every_operation_says_what_it_is_for(generated):
    ids = Counter()
    for path, verbs in generated["paths"].items():
        for verb, operation in verbs.items():
            ids[operation["operationId"]] += 1
            assert operation.get("summary"), (verb, path)
            assert operation.get("tags"), (verb, path)
    assert ids.most_common(1)[0][1] == 1


def test_no_model_is_left_dangling(generated):
    text = json.dumps(generated)
    names = set(generated["components"]["schemas"])
    referred = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert referred <= names


def test_problems_are_described_as_they_are_answered(generated):
    create = generated["paths"]["/v1/ai-orchestration/workflows"]["post"]["responses"]
    for status in ("400", "401", "403", "413", "415", "422", "default"):
        assert "application/problem+json" in create[status]["content"]
    assert not {"401", "422"} & generated["paths"]["/health"]["get"]["responses"].keys()
    assert not [name for name in generated["components"]["schemas"] if name.endswith("ValidationError")]
