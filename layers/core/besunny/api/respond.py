"""The frame of every endpoint: admit, answer, record, measure."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from besunny.api.access import admit
from besunny.api.activity import record_call
from besunny.api.json_body import with_json_body
from besunny.api.problem import proxy_result, response_of
from besunny.clock import utc_now
from besunny.errors import BesunnyError
from besunny.observability.logs import logger
from besunny.observability.metrics import emit_invocation
from besunny.observability.probe import Stopwatch


def respond(app: APIGatewayRestResolver, event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one API Gateway request: the role is checked first, then the route runs, then its figures are emitted."""
    watch = Stopwatch()
    request_id = (event.get("requestContext") or {}).get("requestId") or context.aws_request_id
    logger().set_correlation_id(request_id)
    try:
        admit(event)
        readable = with_json_body(event)
    except BesunnyError as error:
        result = proxy_result(response_of(error, request_id))
    else:
        result = app.resolve(readable, context)
    status, duration_ms = int(result["statusCode"]), watch.elapsed_ms()
    logger().info(
        "request",
        extra={"method": event["httpMethod"], "route": event["resource"], "status": status, "duration_ms": duration_ms},
    )
    record_call(event, request_id=request_id, status=status, duration_ms=duration_ms, now=utc_now())
    emit_invocation(function_name=context.function_name, duration_ms=duration_ms, error=status >= 500, request=True)
    return result
