"""The structured logger; document content and tokens never go into it."""

from functools import lru_cache

from aws_lambda_powertools import Logger


@lru_cache
def logger() -> Logger:
    """The process's logger: JSON lines, level from POWERTOOLS_LOG_LEVEL (INFO), request id on each line."""
    return Logger(service="besunny")
