"""Bodies are JSON, whatever media type of JSON they come as (RFC 6839); any other is refused by its name."""

from typing import Any

from besunny.errors import UnsupportedMediaTypeError

JSON = "application/json"


def as_json(event: dict[str, Any]) -> dict[str, Any]:
    """An API Gateway proxy event whose media type is `application/json`, the one name that Powertools reads as JSON.

    Args:
        event: left as it is; a body without a media type, and no body whatever its media type, count as JSON.

    Raises:
        UnsupportedMediaTypeError: the body is said to be something else (as `curl -d` says without `-H`).
    """
    headers = event.get("headers") or {}
    sent = next((value for name, value in headers.items() if name.lower() == "content-type"), None)
    if sent is None or sent == JSON:
        return event
    media_type = sent.partition(";")[0].strip().lower()
    if event.get("body") and media_type and media_type != JSON and not media_type.endswith("+json"):
        raise UnsupportedMediaTypeError("the body must be JSON: send it with `Content-Type: application/json`")
    others = {name: value for name, value in headers.items() if name.lower() != "content-type"}
    return {**event, "headers": {**others, "Content-Type": JSON}}
