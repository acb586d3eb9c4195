"""What an API handler imports decides its cold start; `benchmarks/cold_start.py` says what that is in milliseconds.

A test cannot count milliseconds on any machine, so these hold what they come from: which modules a handler loads.
"""

import json
import os
import subprocess
import sys
from functools import lru_cache

import pytest

from benchmarks.cold_start import BASELINE, handlers
from tests.infrastructure.template import ROOT

# What an endpoint may need once it has a request to answer, or never; by why it costs too much at import.
AFTER_IMPORT = {
    "boto3": "a third of the import time; besunny.aws.clients imports it with the first client",
    # Powertools itself imports the bare botocore, to put its name into the user agent.
    "botocore.exceptions": "use `client.exceptions.ClientError`, or import it in the function that catches it",
    "numpy": "the engine imports it with its model",
    "onnxruntime": "the engine imports it with its model",
    "tokenizers": "the engine imports it with its model",
    "jwt": "tokens are the authorizer's business",
    "cryptography": "tokens are the authorizer's business",
    "aws_lambda_powertools.utilities.idempotency": "idempotency is the ledger's, see docs/adr/0007",
    "aws_lambda_powertools.utilities.parser": "the resolver validates already",
    "aws_lambda_powertools.utilities.parameters": "it imports boto3",
    "aws_lambda_powertools.event_handler.openapi.swagger_ui": "its OAuth models take 80 ms",
}
# A room's endpoints load nothing of the others'.
ELSEWHERE = {
    "orchestration": ("besunny.performance", "besunny.inference.contracts.common"),
    "performance": ("besunny.orchestration", "besunny.inference"),
    "inference": ("besunny.performance",),
    "documentation": ("besunny.orchestration", "besunny.performance", "besunny.inference"),
}


@lru_cache
def modules_after(code):
    """Names in sys.modules of a new interpreter that ran the code."""
    path = os.pathsep.join(str(ROOT / folder) for folder in ("layers/core", "functions"))
    run = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return frozenset(json.loads(run.stdout.splitlines()[-1]))


def within(package, modules):
    return sorted(name for name in modules if name == package or name.startswith(f"{package}."))


@pytest.fixture(params=handlers())
def handler(request):
    return request.param


def test_a_handler_loads_no_more_than_boto3_and_the_resolver(handler):
    ours, theirs = modules_after(f"import {handler}"), modules_after(BASELINE)
    added = sorted(ours - theirs)
    assert len(ours) <= len(theirs), f"{handler} loads {len(ours)} modules, the bare libraries {len(theirs)}: {added}"


def test_a_handler_loads_at_import_nothing_that_can_wait(handler):
    modules = modules_after(f"import {handler}")
    early = {package: why for package, why in AFTER_IMPORT.items() if within(package, modules)}
    assert not early, f"{handler} imports at its start: {early}"


def test_a_handler_loads_nothing_of_other_rooms(handler):
    modules = modules_after(f"import {handler}")
    foreign = [name for room in ELSEWHERE[handler.split(".")[0]] for name in within(room, modules)]
    assert not foreign, f"{handler} imports {foreign}, which its endpoint does not need"


def test_liveness_loads_none_of_health():
    modules = modules_after("import performance.liveness")
    assert not {f"besunny.performance.{name}" for name in ("health", "figures", "snapshot", "alerts")} & modules


def test_what_is_forbidden_exists():
    """A name that no longer is one would forbid nothing."""
    for package in AFTER_IMPORT:
        assert within(package, modules_after(f"import {package}"))
    for rooms in ELSEWHERE.values():
        for room in rooms:
            assert within(room, modules_after(f"import {room}"))
