"""Bodies are JSON objects, whatever media type of JSON they come as (RFC 6839); others are told what to send."""

from typing import Any

from besunny.errors import FieldError, InvalidInputError, UnsupportedMediaTypeError

JSON = "application/json"
# Of a list, Powertools would take the first entry for any other endpoint.
_TAKES_A_LIST = frozenset({"/v1/ai-orchestration/workflows/batch"})


def with_json_body(event: dict[str, Any]) -> dict[str, Any]:
    """An API Gateway proxy event whose media type is `application/json`, the one name that Powertools reads as JSON.

    Args:
        event: left as it is; a body without a media type, and no body whatever its media type, count as JSON.

    Raises:
        UnsupportedMediaTypeError: the body is said to be something else (as `curl -d` says without `-H`).
        InvalidInputError: it is a list, and the endpoint takes none.
    """
    headers, body = event.get("headers") or {}, event.get("body") or ""
    sent = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    media_type = sent.partition(";")[0].strip().lower()
    if body and media_type and media_type != JSON and not media_type.endswith("+json"):
        raise UnsupportedMediaTypeError("the body must be JSON: send it with `Content-Type: application/json`")
    if body.lstrip()[:1] == "[" and event["resource"] not in _TAKES_A_LIST:
        raise InvalidInputError(FieldError("body", "Input should be an object", "send an object, not a list"))
    if sent == JSON:
        return event
    others = {name: value for name, value in headers.items() if name.lower() != "content-type"}
    return {**event, "headers": {**others, "Content-Type": JSON}}
