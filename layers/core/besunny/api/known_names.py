"""What callers send beside a body's fields has known names, too: a misspelt query parameter must not pass unseen."""

from __future__ import annotations

import json
from collections.abc import Mapping

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware
from pydantic import ValidationError

from besunny.api.access import OPEN
from besunny.errors import FieldError, InvalidInputError
from besunny.request_body import refuse_unknown
from besunny.validation import field_errors

_WITH_BODIES = ("POST", "PUT")


def refuse_unknown_names(app: APIGatewayRestResolver, next_middleware: NextMiddleware) -> Response[str]:
    """A middleware: lets a request pass whose query parameters the route knows, and that has a body only where one is.

    The open endpoints pass everything: load balancers and browsers add parameters of their own.

    Raises:
        InvalidInputError: names each that is unknown, and the known one that was likely meant.
    """
    event = app.current_event
    if (event.http_method, event.resource) not in OPEN:
        dependant = app.context["_route"].dependant
        _check(event.query_string_parameters, [field.alias for field in dependant.query_params])
        if event.http_method in _WITH_BODIES and not dependant.body_params:
            _check(_fields_of(event.decoded_body), [])
    return next_middleware(app)


def _check(sent: Mapping[str, object], known: list[str]) -> None:
    try:
        refuse_unknown(sent, known)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)
        raise InvalidInputError(
            *field_errors([{**one, "msg": "there is no such parameter"} for one in wrong])
        ) from None


def _fields_of(body: str | None) -> dict[str, object]:
    try:
        found = json.loads(body) if body else {}
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise InvalidInputError(FieldError("body", "this endpoint takes none", "send the request without it"))
    return found
