"""What S3 answers for an object that is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from besunny.observability.logs import logger

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

_MISSING = frozenset(("NoSuchKey", "404"))
# Without s3:ListBucket, S3 answers so for an object that is not there; a wrong policy looks the same.
_DENIED = frozenset(("AccessDenied", "403"))


def is_missing(error: ClientError) -> bool:
    """Whether an error of a read says that the object is gone; a denial, which may mean a wrong policy, is logged."""
    code = error.response.get("Error", {}).get("Code")
    if code in _DENIED:
        logger().warning("S3 denied an object, which is taken as missing", extra={"code": code})
    return code in _MISSING or code in _DENIED
