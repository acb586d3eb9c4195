"""The template as data, for the tests that hold it to the house's rules."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms, kept as {"Ref": ...} and {"Fn::X": ...}."""


def _short_form(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        return {name: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    return {name: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _short_form)


@lru_cache
def template() -> dict[str, Any]:
    """The parsed template.yaml."""
    loaded: dict[str, Any] = yaml.load((ROOT / "template.yaml").read_text(), Loader=_Loader)
    return loaded


def resources(kind: str) -> dict[str, dict[str, Any]]:
    """Logical id -> properties of the resources of one type."""
    return {
        name: resource.get("Properties", {})
        for name, resource in template()["Resources"].items()
        if resource["Type"] == kind
    }


def functions() -> dict[str, dict[str, Any]]:
    """Logical id -> properties of each Lambda function."""
    return resources("AWS::Serverless::Function")


def policies(properties: dict[str, Any]) -> list[dict[str, Any]]:
    """The policies of a function or state machine, those of any condition too."""
    found = []
    for policy in properties.get("Policies", []):
        branches = policy["Fn::If"][1:] if "Fn::If" in policy else [policy]
        found += [branch for branch in branches if branch != {"Ref": "AWS::NoValue"}]
    return found


def statements(properties: dict[str, Any]) -> list[dict[str, Any]]:
    """The IAM statements of a function or state machine."""
    return [statement for policy in policies(properties) for statement in policy.get("Statement", [])]


def routes() -> dict[tuple[str, str], str]:
    """(method, path) -> logical id of the function that answers it."""
    return {
        (event["Properties"]["Method"].upper(), event["Properties"]["Path"]): name
        for name, properties in functions().items()
        for event in properties.get("Events", {}).values()
        if event["Type"] == "Api"
    }
