"""One way in to every service, for handlers and tasks; each service is imported when first asked for."""

from collections.abc import Callable, Mapping
from datetime import datetime
from importlib import import_module
from typing import Any, cast

from pydantic import BaseModel

from besunny.inference.contracts.common import Answer
from besunny.inference.contracts.parse import parse_request, request_model
from besunny.inference.engines.protocol import Engine

_FUNCTIONS = {
    "classification": "classification.classify:classify",
    "meeting_intelligence": "meeting_intelligence.service:analyze_meeting",
    "embeddings": "embeddings.embed:embed",
    "project_onboarding": "project_onboarding.onboard:onboard",
}


def run(service: str, request: Mapping[str, Any] | BaseModel, *, engine: Engine, now: datetime) -> Answer:
    """Let a service answer a request.

    Args:
        service: `classification`, `meeting_intelligence`, `embeddings` or `project_onboarding`.
        request: the service's request model, or the JSON it is made from.
        engine: computes vectors.
        now: the present moment, timezone-aware.

    Returns:
        The service's answer; the caller sets `processing_time_ms`.

    Raises:
        InvalidInputError: no such service, or a wrong field.
    """
    model = request_model(service)
    checked = request if isinstance(request, model) else parse_request(service, request)
    module, _, name = _FUNCTIONS[service].partition(":")
    function = cast("Callable[..., Answer]", getattr(import_module(f"besunny.inference.{module}"), name))
    return function(checked, engine, now=now)
