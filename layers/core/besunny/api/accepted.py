"""The HTTP answer for work that was taken: 202 and where to look, or 200 where it is done."""

from typing import Any, Protocol

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel

ACCEPTED: dict[int, Any] = {
    200: {"description": "It is done: from the cache, or within the wait that was preferred, or a dry run"},
    202: {"description": "It waits or runs; `Location` says where its status is"},
}
"""The two answers, for the OpenAPI document."""


class Started(Protocol):
    """Work that a request started.

    Attributes:
        body: the model that both answers carry.
        done: whether 200 is true of it.
        location: where its status is, or None where nothing was kept.
    """

    @property
    def body(self) -> BaseModel: ...
    @property
    def done(self) -> bool: ...
    @property
    def location(self) -> str | None: ...


def accepted(work: Started, *, wait: int) -> Response[Any]:
    """The answer; `wait` are the seconds that were granted of `Prefer: wait=N`, 0 for none."""
    headers: dict[str, str | list[str]] = {} if work.location is None else {"Location": work.location}
    if wait:
        headers["Preference-Applied"] = f"wait={wait}"
    return Response(200 if work.done else 202, content_type="application/json", body=work.body, headers=headers)
