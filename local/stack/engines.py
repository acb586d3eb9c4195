"""`ENGINES=engines.yaml`: the engines document, checked; its keys go from the environment to where AWS keeps them."""

from __future__ import annotations

import copy
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from local.stack.deploy import STACK_NAME
from local.stack.errors import StackError
from local.stack.paths import ROOT

PARAMETER = f"/{STACK_NAME}/engines"


@dataclass(frozen=True)
class Document:
    """An engines document as the stack takes it. secrets: the keys by the names of their secrets, never printed."""

    text: str
    secrets: Mapping[str, str]

    def publish(self, ssm: Any, secretsmanager: Any) -> None:
        """Put the document and its keys into the stack's own parameter and secrets."""
        for name, value in self.secrets.items():
            try:
                secretsmanager.create_secret(Name=name, SecretString=value)
            except secretsmanager.exceptions.ResourceExistsException:
                secretsmanager.put_secret_value(SecretId=name, SecretString=value)
        ssm.put_parameter(Name=PARAMETER, Value=self.text, Type="String", Overwrite=True)


def read(path: Path, environment: Mapping[str, str]) -> Document:
    """The document in a YAML or JSON file.

    environment: holds the variables that `api_key_env` names. Raises StackError naming each wrong field and its fix.
    """
    try:
        data = yaml.safe_load(path.read_text())
    except OSError as error:
        raise StackError(f"ENGINES={path}: {error.strerror}; docs/engines.md shows such a file") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise StackError(f"ENGINES={path} is no YAML: {' '.join(str(error).split())}") from error
    _check(path, data)
    return _with_secrets(path, data, environment)


def _check(path: Path, data: Any) -> None:
    if str(ROOT / "layers/core") not in sys.path:
        sys.path.insert(0, str(ROOT / "layers/core"))
    from besunny.errors import InvalidInputError
    from besunny.inference.contracts.engine_config import parse_engines

    try:
        config = parse_engines(data)
    except InvalidInputError as error:
        faults = "; ".join(f"{one.field}: {one.reason} ({one.fix})" for one in error.errors)
        raise StackError(f"ENGINES={path}: {faults}") from error
    for name, settings in config.engines.items():
        if settings.kind == "bedrock" and not settings.endpoint_url:
            raise StackError(
                f"ENGINES={path}: engines.{name}: this stack talks to no AWS (use an openai_compatible engine here, or "
                "give an `endpoint_url`)"
            )


def _with_secrets(path: Path, data: dict[str, Any], environment: Mapping[str, str]) -> Document:
    document = copy.deepcopy(data)
    secrets = {}
    for name, engine in document.get("engines", {}).items():
        variable = engine.pop("api_key_env", None)
        if variable is None:
            continue
        if not environment.get(variable):
            raise StackError(f"ENGINES={path}: engines.{name}.api_key_env: {variable} is not set (export it first)")
        engine["api_key_secret"] = f"{STACK_NAME}/engines/{name}"
        secrets[engine["api_key_secret"]] = environment[variable]
    return Document(json.dumps(document, separators=(",", ":")), secrets)
