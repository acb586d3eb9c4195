"""Trying again where others change the same index at the same time."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any, TypeVar

from besunny.aws.dynamo import is_condition_failure, write_together
from besunny.errors import UnavailableError

_TRIES = 12
_LONGEST_WAIT = 0.5
_Done = TypeVar("_Done")
Sleep = Callable[[float], None]


def until_written(
    client: Any, attempt: Callable[[], tuple[list[dict[str, Any]], _Done]], *, sleep: Sleep = time.sleep
) -> _Done:
    """Write what `attempt` gives, and let it look and give again where a condition of it did not hold.

    Args:
        client: DynamoDB's.
        attempt: gives the writes of a transaction, none where there is nothing to do, and what to return once done.
        sleep: waits that many seconds, longer each time.

    Raises:
        UnavailableError: the twelfth try failed too.
    """
    for number in range(_TRIES):
        writes, done = attempt()
        if not writes:
            return done
        try:
            write_together(client, writes, sleep=sleep)
        except client.exceptions.ClientError as error:
            if not is_condition_failure(error):
                raise
        else:
            return done
        sleep(min(0.01 * 2**number, _LONGEST_WAIT) * (1 + random.random()))
    raise UnavailableError("too many requests change this index at once; nothing was changed, send it again")
