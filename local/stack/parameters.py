"""Template parameters that a person typed: AWS would refuse a wrong one, the emulator would take it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from local.stack.errors import StackError


def parse(words: Iterable[str]) -> dict[str, str]:
    """`Key=Value` words as a dict. Raises StackError naming the word that is none."""
    found = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not (name and equals):
            raise StackError(f'{word!r} is no parameter: write PARAMS="Key=Value Other=Value"')
        found[name] = value
    return found


def check(given: Mapping[str, str], declared: Mapping[str, Mapping[str, Any]]) -> None:
    """Raises StackError for a name that the template has not, or a value that it does not allow."""
    for name, value in given.items():
        if name not in declared:
            raise StackError(f"the template has no parameter {name}; it has {', '.join(sorted(declared))}")
        rule = declared[name]
        allowed = [str(one) for one in rule.get("AllowedValues", [])]
        if allowed and value not in allowed:
            raise StackError(f"{name}={value} is not allowed: give one of {', '.join(allowed)}")
        if rule.get("Type") == "Number":
            _check_number(name, value, rule)


def _check_number(name: str, value: str, rule: Mapping[str, Any]) -> None:
    try:
        number = float(value)
    except ValueError:
        raise StackError(f"{name}={value} is not a number") from None
    if number < float(rule.get("MinValue", number)):
        raise StackError(f"{name}={value} is too small: give at least {rule['MinValue']}")
    if number > float(rule.get("MaxValue", number)):
        raise StackError(f"{name}={value} is too large: give at most {rule['MaxValue']}")
