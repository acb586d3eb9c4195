"""Problem details (RFC 9457): the one place where errors become HTTP answers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError as RouteNotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from besunny import errors
from besunny.api.known_names import refuse_unknown_names
from besunny.errors import FieldError
from besunny.observability.logs import logger
from besunny.validation import field_errors

MEDIA_TYPE = "application/problem+json"

_STATUS: dict[type[Exception], HTTPStatus] = {
    errors.UnsupportedMediaTypeError: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    errors.InvalidInputError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.IdempotencyMismatchError: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.NotFoundError: HTTPStatus.NOT_FOUND,
    errors.ConflictError: HTTPStatus.CONFLICT,
    errors.ForbiddenError: HTTPStatus.FORBIDDEN,
    errors.UnauthenticatedError: HTTPStatus.UNAUTHORIZED,
    errors.UnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.EngineUnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.EngineFailedError: HTTPStatus.BAD_GATEWAY,
    errors.MisconfiguredError: HTTPStatus.INTERNAL_SERVER_ERROR,
}

_PARTS = ("body", "query", "path", "header")
# Fields whose reasons stand in a problem's detail.
_DETAILED = 3
# RFC 9110's names where Python before 3.13 has older ones: the type of a problem is a contract on every runtime.
_TITLES = {413: "Content Too Large", 422: "Unprocessable Content"}


def title_of(status: HTTPStatus) -> str:
    """A problem's title: what the status is called."""
    return _TITLES.get(status, status.phrase)


def type_of(status: HTTPStatus) -> str:
    """A problem's type: a name that stays, made of the title."""
    return "urn:besunny:problem:" + title_of(status).lower().replace(" ", "-")


def problem_response(
    status: HTTPStatus, detail: str, request_id: str, *, fields: Sequence[FieldError] = ()
) -> Response[str]:
    """The HTTP answer for a problem: `type, title, status, detail, instance`, and `errors[]` of `field, reason, fix`.

    Args:
        status: title and type follow from it.
        detail: one sentence for a person; no stack trace, no name of a table, nothing of another tenant.
        request_id: API Gateway's.
        fields: the wrong fields, for 400 and 422.
    """
    document: dict[str, Any] = {
        "type": type_of(status),
        "title": title_of(status),
        "status": int(status),
        "detail": detail,
        "instance": f"urn:besunny:request:{request_id}",
    }
    if fields:
        document["errors"] = [asdict(field) for field in fields]
    headers: dict[str, str | list[str]] = {"Retry-After": "5"} if status is HTTPStatus.SERVICE_UNAVAILABLE else {}
    return Response(int(status), content_type=MEDIA_TYPE, body=json.dumps(document), headers=headers)


def _of_fields(status: HTTPStatus, fields: Sequence[FieldError], request_id: str) -> Response[str]:
    """A problem with wrong fields; its detail says the first of them and how many more there are."""
    detail = "; ".join(f"{wrong.field}: {wrong.reason}" for wrong in fields[:_DETAILED])
    if len(fields) > _DETAILED:
        detail += f"; and {len(fields) - _DETAILED} more in `errors`"
    return problem_response(status, detail, request_id, fields=fields)


def _of_validation(error: RequestValidationError, request_id: str) -> Response[str]:
    raw = error.errors()
    if any(e["type"] == "json_invalid" for e in raw):
        where = f"it is not JSON: {raw[0].get('ctx', {}).get('error', 'syntax error')} at character {raw[0]['loc'][-1]}"
        fields = [FieldError("body", where, "send well-formed JSON")]
        return _of_fields(HTTPStatus.BAD_REQUEST, fields, request_id)
    # The first of a location is the part of the request that a field is in.
    raw = [{**e, "loc": e["loc"][1:] if e["loc"][:1] and e["loc"][0] in _PARTS else e["loc"]} for e in raw]
    return _of_fields(HTTPStatus.UNPROCESSABLE_ENTITY, field_errors(raw), request_id)


def _is_of_our_answer(error: RequestValidationError) -> bool:
    """Powertools raises the same error where what a route returns is not what it promised."""
    return any(e["loc"][:1] == ("response",) for e in error.errors())


def _unreadable(error: Exception) -> str | None:
    """Why a body that is JSON by its grammar cannot be worked with; None for errors that are not the body's."""
    if isinstance(error, RecursionError):
        return "objects or lists are nested too deeply"
    if isinstance(error, UnicodeEncodeError):
        return "a text holds half a surrogate pair"
    if isinstance(error, ValueError) and "integer string conversion" in str(error):
        return "a number has too many digits"
    return None


def response_of(error: Exception, request_id: str) -> Response[str]:
    """The HTTP answer for an exception; what is unexpected is logged whole and answered with a plain 500."""
    if isinstance(error, RequestValidationError) and not _is_of_our_answer(error):
        return _of_validation(error, request_id)
    if isinstance(error, RouteNotFoundError):
        return problem_response(HTTPStatus.NOT_FOUND, "no such endpoint; see /docs", request_id)
    if reason := _unreadable(error):
        fields = [FieldError("body", f"it cannot be read: {reason}", "send JSON that ordinary parsers read")]
        return _of_fields(HTTPStatus.BAD_REQUEST, fields, request_id)
    status = _STATUS.get(type(error), HTTPStatus.INTERNAL_SERVER_ERROR)
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        logger().exception("unexpected error")
        return problem_response(status, "an unexpected error; it is logged under this instance", request_id)
    if isinstance(error, errors.InvalidInputError):
        return _of_fields(status, error.errors, request_id)
    return problem_response(status, str(error), request_id)


def handle_errors(app: APIGatewayRestResolver) -> None:
    """Refuse what this resolver's routes do not know, and let every exception of them become a problem document."""
    app.use(middlewares=[refuse_unknown_names])

    def handler(error: Exception) -> Response[str]:
        return response_of(error, app.current_event.request_context.request_id or "")

    app.exception_handler([Exception])(handler)


def proxy_result(response: Response[str]) -> dict[str, Any]:
    """A problem as API Gateway's proxy result, where no resolver ran."""
    headers = {"Content-Type": [MEDIA_TYPE], **{name: [str(value)] for name, value in response.headers.items()}}
    return {
        "statusCode": response.status_code,
        "body": response.body or json.dumps({}),
        "isBase64Encoded": False,
        "multiValueHeaders": headers,
    }
