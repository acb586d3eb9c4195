"""The structured logger; document content and tokens never go into it."""

import traceback
from collections.abc import Iterator
from functools import lru_cache
from types import TracebackType
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

from besunny.errors import BesunnyError


class ContentKeepingOutFormatter(LambdaPowertoolsFormatter):
    """Exceptions by type and place: the message of one that is neither ours nor AWS's may quote what it choked on."""

    def __init__(self) -> None:
        super().__init__(serialize_stacktrace=False)

    def formatException(self, ei: Any) -> str:
        """The frames of an exception and of those that led to it, last raised last, as Python prints them."""
        error: BaseException = ei[1]
        parts = [f"{_frames(e.__traceback__)}{_name_and_safe_message(e)}" for e in reversed(list(_chain(error)))]
        return "\n\n".join(parts)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _frames(trace: TracebackType | None) -> str:
    return "".join(traceback.format_tb(trace))


def _name_and_safe_message(error: BaseException) -> str:
    name = type(error).__name__
    is_aws_answer = type(error).__module__.startswith("botocore.") and hasattr(error, "operation_name")
    return f"{name}: {error}" if isinstance(error, BesunnyError) or is_aws_answer else name


@lru_cache
def logger() -> Logger:
    """The process's logger: JSON lines, level from POWERTOOLS_LOG_LEVEL (INFO), request id on each line."""
    return Logger(service="besunny", logger_formatter=ContentKeepingOutFormatter())
