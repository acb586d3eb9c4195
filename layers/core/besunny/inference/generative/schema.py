"""JSON schemas in the form that every provider takes: no references, nothing optional, no bounds."""

from typing import Any

from pydantic import BaseModel

# The strictest common subset; lengths and counts are checked when the output is here.
_KEPT = ("type", "enum", "description")


def strict_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The schema of a model of strings, integers, lists and models like it."""
    whole = model.model_json_schema()
    return _strict(whole, whole.get("$defs", {}))


def _strict(part: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in part:
        return _strict(definitions[part["$ref"].rpartition("/")[2]], definitions)
    found = {key: part[key] for key in _KEPT if key in part}
    if "items" in part:
        found["items"] = _strict(part["items"], definitions)
    if "properties" in part:
        found["properties"] = {name: _strict(value, definitions) for name, value in part["properties"].items()}
        found["required"] = list(part["properties"])
        found["additionalProperties"] = False
    return found
