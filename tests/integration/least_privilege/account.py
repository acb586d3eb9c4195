"""An account of moto's with the stack in it: functions run in the environment that the template gives them, watched."""

from __future__ import annotations

import json
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from importlib import import_module
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import boto3
from aws_lambda_powertools.utilities import parameters as powertools_parameters
from botocore import handlers
from moto import mock_aws
from moto.cloudwatch.models import Statistics
from moto.dynamodb.models import dynamodb_backends

from tests.api_events import FakeContext, api_event
from tests.infrastructure.template import functions, resources, routes, template
from tests.integration.inference.query_vectors import answer_query
from tests.integration.least_privilege.iam import ACCOUNT, REGION, STACK, Access, Names, accesses, stack_names
from tests.integration.performance.fleet import statistic

MACHINES = ("service", "hybrid", "batch")
JWT_SECRET = "s" * 64
_PROCESS = {
    "AWS_DEFAULT_REGION": REGION,
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "POWERTOOLS_METRICS_NAMESPACE": "BeSunny",
}


class Watched(dict[str, str]):
    """An environment that remembers which variables were asked for."""

    def __init__(self, variables: dict[str, str]) -> None:
        super().__init__(variables)
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self.asked.add(name)
        return super().get(name, default)


class Account:
    """The stack, its clock, and what its functions were seen to do.

    Attributes:
        parameters: of the template; a scene may change them, as an operator would.
        conditions: of the template, those that hold.
        calls: by function, what IAM was asked for.
        asked: by function, the environment variables that it looked at.
    """

    def __init__(self) -> None:
        self.now = datetime.now(UTC)
        self.parameters = {name: str(p.get("Default", "")) for name, p in template()["Parameters"].items()}
        self.conditions: set[str] = set()
        self.calls: dict[str, set[Access]] = {}
        self.asked: dict[str, set[str]] = defaultdict(set)
        self._running: list[str | None] = []
        self._made = Names({}, {})

    def deploy(self) -> None:
        """Make what the functions use."""
        self._made = _make_resources()

    @property
    def names(self) -> Names:
        return Names({**self.parameters, **self._made.refs}, self._made.attributes)

    def forget_workflows(self) -> None:
        """Empty their tables: moto copies a whole table for each transaction."""
        for name in ("WorkflowsTable", "CacheTable"):
            dynamodb_backends[ACCOUNT][REGION].tables[self.names.refs[name]].items.clear()

    def record(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        """botocore's `provide-client-params`: each call, and each presigned address, before it is checked or sent."""
        if self._running and self._running[-1]:
            service = model.service_model.service_id.hyphenize()
            self.calls[self._running[-1]].update(accesses(service, model.name, params))

    def answer_query(self, **sent: Any) -> Any:
        """What S3 Vectors answers; what it looks up itself is nobody's call."""
        self._running.append(None)
        answer = answer_query(**sent)
        self._running.pop()
        return answer

    def invoke(self, function: str, event: Any, *, meanwhile: Callable[[], object] | None = None) -> Any:
        """Run a function in a fresh environment of its own.

        Args:
            meanwhile: happens when it first sleeps.
        """
        module_name, _, handler = functions()[function]["Handler"].rpartition(".")
        module = import_module(module_name)
        environment = Watched(self._environment(function))
        self.calls.setdefault(function, set())
        self.now += timedelta(seconds=1)
        with ExitStack() as stack:
            stack.enter_context(patch.object(os, "environ", environment))
            for name, stand_in in {"utc_now": lambda: self.now, "time": self._time(meanwhile)}.items():
                if hasattr(module, name):
                    stack.enter_context(patch.object(module, name, stand_in))
            self._running.append(function)
            _forget()
            try:
                context = FakeContext(function_name=f"{STACK}-{function}", memory_limit_in_mb=1769)
                return getattr(module, handler)(event, context)
            finally:
                _forget()
                self._running.pop()
                self.asked[function] |= environment.asked

    def call(self, function: str, *, meanwhile: Callable[[], object] | None = None, **request: Any) -> dict[str, Any]:
        """The answer of an endpoint, which must be a good one; `request` as for `api_event`."""
        method, path = next(route for route, name in routes().items() if name == function)
        answer = self.invoke(function, api_event(method, path, **request), meanwhile=meanwhile)
        assert answer["statusCode"] < 300, answer["body"]
        body: dict[str, Any] = json.loads(answer["body"])
        return body

    def _environment(self, function: str) -> dict[str, str]:
        shared = template()["Globals"]["Function"]["Environment"]["Variables"]
        own = functions()[function].get("Environment", {}).get("Variables", {})
        chosen = {name: self._chosen(value) for name, value in {**shared, **own}.items()}
        # What a condition leaves out stands in no environment.
        given = {name: value for name, value in chosen.items() if value != {"Ref": "AWS::NoValue"}}
        return {**_PROCESS, **{name: self.names.text(value) for name, value in given.items()}}

    def _chosen(self, value: Any) -> Any:
        if not isinstance(value, dict) or "Fn::If" not in value:
            return value
        condition, then, otherwise = value["Fn::If"]
        return then if condition in self.conditions else otherwise

    def _time(self, meanwhile: Callable[[], object] | None) -> SimpleNamespace:
        waiting = [meanwhile] if meanwhile else []

        def sleep(seconds: float) -> None:
            self.now += timedelta(seconds=seconds)
            if waiting:
                self._running.append(None)  # what the test does besides is nobody's call
                waiting.pop()()
                self._running.pop()

        def monotonic() -> float:
            return self.now.timestamp()

        return SimpleNamespace(sleep=sleep, monotonic=monotonic)


@contextmanager
def account() -> Iterator[Account]:
    """A new account."""
    made = Account()
    watched = [
        *handlers.BUILTIN_HANDLERS,
        ("provide-client-params", made.record),
        ("before-send.s3vectors.QueryVectors", made.answer_query),
    ]
    with ExitStack() as stack:
        stack.enter_context(patch.dict(os.environ, _PROCESS))
        stack.enter_context(patch.object(handlers, "BUILTIN_HANDLERS", watched))
        # Sessions take the handlers that stand there when they are made.
        stack.enter_context(patch.object(boto3, "DEFAULT_SESSION", None))
        stack.enter_context(patch.object(Statistics, "get_statistics_for_type", statistic))
        stack.enter_context(mock_aws())
        made.deploy()
        yield made
        _forget()


def _forget() -> None:
    """What a process keeps; the engine may stay, as loading its model is all that it would do again."""
    for name, module in list(sys.modules.items()):
        if name.startswith("besunny."):
            for value in vars(module).values():
                if hasattr(value, "cache_clear") and not _same_everywhere(value.__module__):
                    value.cache_clear()
    from besunny.settings import Settings

    vars(Settings)["from_environment"].__func__.cache_clear()
    powertools_parameters.clear_caches()


def _same_everywhere(module: str) -> bool:
    """Whether what a module keeps depends on no function's settings: models, rules, words."""
    return module.startswith("besunny.inference.") and not module.startswith("besunny.inference.search.")


def _make_resources() -> Names:
    names = stack_names()
    for logical, properties in resources("AWS::DynamoDB::Table").items():
        wanted = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
        given = {key: properties[key] for key in wanted if key in properties}
        boto3.client("dynamodb").create_table(TableName=names.refs[logical], **given)
    boto3.client("s3").create_bucket(Bucket=names.refs["DataBucket"])
    boto3.client("s3vectors").create_vector_bucket(vectorBucketName=f"{STACK}-vectors")
    secret = boto3.client("secretsmanager").create_secret(Name=f"{STACK}-jwt", SecretString=JWT_SECRET)
    names.refs |= {
        "ActivityQueue": boto3.client("sqs").create_queue(QueueName=f"{STACK}-activity")["QueueUrl"],
        "AlertTopic": boto3.client("sns").create_topic(Name=f"{STACK}-alerts")["TopicArn"],
        "JwtSecret": secret["ARN"],
    }
    for machine in MACHINES:
        made = boto3.client("stepfunctions").create_state_machine(
            name=f"{STACK}-{machine}",
            definition='{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}',
            roleArn=f"arn:aws:iam::{ACCOUNT}:role/r",
        )
        names.refs[f"{machine.capitalize()}StateMachine"] = made["stateMachineArn"]
    return names
