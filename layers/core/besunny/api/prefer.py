"""`Prefer: wait=N` (RFC 7240)."""

import re

LONGEST_WAIT_SECONDS = 25


def wait_seconds(prefer: str | None) -> int:
    """Seconds that the caller would wait: 0 without the preference, at most 25.

    A preference that is malformed is ignored, as the RFC says.
    """
    found = re.search(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,6})\"?(?=$|[,;\s])", prefer or "", re.IGNORECASE)
    return min(int(found.group(1)), LONGEST_WAIT_SECONDS) if found else 0
