"""A REST API answers errors as its template says, at the limits that AWS has.

AWS: `x-amazon-apigateway-gateway-responses` of an imported API shape the answers that API Gateway gives by itself
(apigateway/latest/developerguide/supported-gateway-response-types.html); a body above 10 MB, or an event above Lambda's
6 MB, is REQUEST_TOO_LARGE; no answer within 29 s is INTEGRATION_TIMEOUT; a function that fails is a 502 of DEFAULT_5XX;
of a repeated query parameter the last value counts. Stock ministack drops the imported responses, has no limits, and
answers a function's error message.
"""

from __future__ import annotations

import asyncio
import contextvars
import json
import time
from typing import Any

from ministack.services import apigateway_v1 as api_gateway
from ministack.services import cloudwatch

from local.repairs.lambda_limits import SYNCHRONOUS_BYTES
from local.repairs.pins import expect

BODY_BYTES = 10 * 1024 * 1024
INTEGRATION_SECONDS = 29.0

# The host of a request that came in through a custom domain: its path has no stage.
custom_domain: contextvars.ContextVar[str] = contextvars.ContextVar("custom_domain", default="")

# A function goes on after its caller's 504, and asyncio alone keeps no hold of a task.
_running: set[asyncio.Future[Any]] = set()


def apply() -> None:
    expect(api_gateway, "_GatewayError")
    expect(api_gateway, "_put_gateway_response", "api_id", "response_type", "data")
    expect(api_gateway, "_lambda_proxy_response", "result")
    _import_gateway_responses()
    _complete_event()
    _limit_integration()
    _name_failures()
    _limit_and_count_requests()


def _import_gateway_responses() -> None:
    import_api = expect(api_gateway, "_import_rest_api", "spec", "base_data")

    def import_rest_api(spec: dict[str, Any], base_data: dict[str, Any] | None = None) -> Any:
        api_id = import_api(spec, base_data)
        for kind, response in (spec.get("x-amazon-apigateway-gateway-responses") or {}).items():
            status, _, body = api_gateway._put_gateway_response(api_id, kind, _gateway_response(response))
            if status >= 400:
                raise ValueError(f"gateway response {kind}: {body!r}")
        return api_id

    api_gateway._import_rest_api = import_rest_api


def _gateway_response(response: dict[str, Any]) -> dict[str, Any]:
    """Of a template for another media type than JSON, the media type becomes the Content-Type."""
    templates = dict(response.get("responseTemplates") or {})
    parameters = dict(response.get("responseParameters") or {})
    if templates and "application/json" not in templates:
        media_type, template = next(iter(templates.items()))
        templates["application/json"] = template
        parameters.setdefault("gatewayresponse.header.Content-Type", f"'{media_type}'")
    return {**response, "responseTemplates": templates, "responseParameters": parameters}


def _complete_event() -> None:
    build = expect(
        api_gateway,
        "_build_lambda_event_v1",
        *("api_id", "stage_name", "stage", "resource", "request_path", "method", "headers", "body", "query_params"),
        *("path_params", "binary_media_types", "authorizer_context", "caller_identity"),
    )

    def build_event(*arguments: Any, **named: Any) -> Any:
        event = build(*arguments, **named)
        # Only an HTTP API's events name their version.
        event.pop("version", None)
        several = event["multiValueQueryStringParameters"]
        event["queryStringParameters"] = several and {name: values[-1] for name, values in several.items()}
        context = event["requestContext"]
        context["domainName"] = custom_domain.get() or event["headers"].get("host", "")
        context["domainPrefix"] = context["domainName"].split(".")[0]
        if custom_domain.get():
            context["path"] = event["path"]
        return event

    api_gateway._build_lambda_event_v1 = build_event


def _limit_integration() -> None:
    call = expect(api_gateway, "_call_lambda_raw", "function_ref", "event", "account_id", "region")
    invoke = expect(
        api_gateway,
        "_invoke_lambda_proxy_v1",
        *("integration", "api_id", "stage_name", "stage", "resource", "request_path", "method", "headers", "body"),
        *("query_params", "path_params", "owner_account_id", "owner_region", "binary_media_types"),
        *("authorizer_context", "caller_identity"),
    )

    async def call_lambda(function_ref: str, event: dict[str, Any], **scope: Any) -> Any:
        # Only a large body makes a large event; the rest need not be measured.
        if len(event.get("body") or "") > SYNCHRONOUS_BYTES // 6 and len(json.dumps(event)) > SYNCHRONOUS_BYTES:
            raise _Refused("REQUEST_TOO_LARGE", "Request Too Long")
        # Not wait_for: it awaits what it cancels, and a cancelled call of ministack's waits for the function's end.
        running = asyncio.ensure_future(call(function_ref, event, **scope))
        _running.add(running)
        running.add_done_callback(_running.discard)
        done, _ = await asyncio.wait({running}, timeout=INTEGRATION_SECONDS)
        if not done:
            raise _Refused("INTEGRATION_TIMEOUT", "Endpoint request timed out")
        return running.result()

    async def invoke_proxy(*arguments: Any, **named: Any) -> Any:
        try:
            return await invoke(*arguments, **named)
        except _Refused as refusal:
            return api_gateway._GatewayError(refusal.kind, refusal.message)

    api_gateway._call_lambda_raw = call_lambda
    api_gateway._invoke_lambda_proxy_v1 = invoke_proxy


class _Refused(Exception):
    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


def _name_failures() -> None:
    shape = api_gateway._lambda_proxy_response
    render = expect(api_gateway, "_gateway_error_response", "error", "request")

    def shape_response(result: dict[str, Any]) -> Any:
        response, problem = shape(result)
        malformed = problem is None and not (isinstance(result.get("body"), dict) and "statusCode" in result["body"])
        if problem is not None or (malformed and not result.get("throttle")):
            raise _Refused("FUNCTION_FAILED", "Internal server error")
        return response, None

    def render_error(error: Any, request: dict[str, Any]) -> Any:
        if error.response_type != "FUNCTION_FAILED":
            return render(error, request)
        _, headers, body = render(api_gateway._GatewayError("DEFAULT_5XX", error.message), request)
        return 502, headers, body

    api_gateway._lambda_proxy_response = shape_response
    api_gateway._gateway_error_response = render_error


def _limit_and_count_requests() -> None:
    handle = expect(
        api_gateway, "handle_execute", "api_id", "stage_name", "method", "path", "headers", "body", "query_params"
    )
    execute = expect(
        api_gateway,
        "_execute_in_scope",
        *("request", "api_id", "stage_name", "method", "path", "headers", "body", "query_params"),
        *("owner_account_id", "owner_region"),
    )

    async def execute_in_scope(request: Any, api_id: str, stage_name: str, *rest: Any) -> Any:
        body = rest[3]
        stage = api_gateway._stages_v1.get(api_id, {}).get(stage_name)
        if len(body or b"") > BODY_BYTES and stage:
            request["stage"] = stage
            return api_gateway._GatewayError("REQUEST_TOO_LARGE", "Request Entity Too Large")
        return await execute(request, api_id, stage_name, *rest)

    async def handle_execute(api_id: str, stage_name: str, *rest: Any) -> Any:
        started = time.monotonic()
        answer = await handle(api_id, stage_name, *rest)
        _count(api_id, stage_name, answer[0], (time.monotonic() - started) * 1000)
        return answer

    api_gateway._execute_in_scope = execute_in_scope
    api_gateway.handle_execute = handle_execute


def _count(api_id: str, stage: str, status: int, latency_ms: float) -> None:
    """The metrics that every stage has (apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html)."""
    scope = api_gateway.find_api_scope(api_id)
    if scope is None:
        return
    with api_gateway.request_scope(*scope):
        name = (api_gateway._rest_apis.get(api_id) or {}).get("name", api_id)
        for dimensions in ({"ApiName": name}, {"ApiName": name, "Stage": stage}):
            for metric, value, unit in (
                ("Count", 1, "Count"),
                ("4XXError", int(400 <= status < 500), "Count"),
                ("5XXError", int(status >= 500), "Count"),
                ("Latency", latency_ms, "Milliseconds"),
            ):
                cloudwatch.record_metric("AWS/ApiGateway", metric, value, unit, dimensions)
