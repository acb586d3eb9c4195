"""The decorator of every handler that is not an API endpoint: logs, metrics, probe."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from besunny.observability.logs import logger
from besunny.observability.metrics import emit_invocation
from besunny.observability.probe import Stopwatch

Handler = Callable[[Any, Any], Any]


def observed(handler: Handler) -> Handler:
    """Emit the invocation's metrics and log what it raises (type and message) before raising it on."""

    @wraps(handler)
    def run(event: Any, context: Any) -> Any:
        watch, failed = Stopwatch(), True
        logger().set_correlation_id(context.aws_request_id)
        try:
            result = handler(event, context)
            failed = False
            return result
        except Exception:
            logger().exception("the invocation failed")
            raise
        finally:
            emit_invocation(function_name=context.function_name, duration_ms=watch.elapsed_ms(), error=failed)

    return run
