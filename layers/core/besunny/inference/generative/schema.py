"""JSON schemas in the form that every provider takes: no references, nothing optional, no bounds but on lists."""

from typing import Any

from pydantic import BaseModel, Field

# The strictest common subset. A bound on a list keeps small models from going on for ever.
_KEPT = ("type", "enum", "description", "maxItems")


def at_most(count: int) -> Any:
    """A list for which at most so many entries are asked; more of them are no fault, the service takes the first."""
    return Field(json_schema_extra={"maxItems": count})


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
