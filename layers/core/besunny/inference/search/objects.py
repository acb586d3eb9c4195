"""Objects of the index in S3: texts of documents and, of the embedded index, segments of vectors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from besunny.aws.objects import is_missing

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_In = TypeVar("_In")
_Out = TypeVar("_Out")
# boto3 keeps ten connections a client; waiting for S3, not the CPU, is what is shared out.
_AT_ONCE = 8
_DELETED_AT_ONCE = 1000


class MissingObjectError(Exception):
    """An object is gone: its document was replaced or removed, or its segment merged, since it was looked up."""


def object_key(tenant_id: str, folder: str, name: str) -> str:
    """The key of an object; the tenant is quoted, so that no name reaches into another's folder."""
    return f"index/{quote(tenant_id, safe='')}/{folder}/{name}"


class Objects:
    """The bucket.

    Args:
        client: gives the client; not called before an object is needed.
    """

    def __init__(self, client: Callable[[], S3Client], bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put(self, bodies: Mapping[str, bytes]) -> None:
        """Write objects by their keys."""
        client = self._client()

        def write(entry: tuple[str, bytes]) -> None:
            client.put_object(Bucket=self._bucket, Key=entry[0], Body=entry[1])

        _each(write, bodies.items())

    def get(self, keys: Sequence[str]) -> list[bytes]:
        """Whole objects.

        Raises:
            MissingObjectError: one is gone.
        """
        return self.get_ranges([(key, 0, None) for key in keys])

    def get_ranges(self, ranges: Sequence[tuple[str, int, int | None]]) -> list[bytes]:
        """Bytes `start` to `end` (None: the last one) of objects, each as `(key, start, end)`.

        Raises:
            MissingObjectError: one is gone.
        """
        client = self._client()

        def read(wanted: tuple[str, int, int | None]) -> bytes:
            key, start, end = wanted
            span = f"bytes={start}-{'' if end is None else end - 1}"
            try:
                return client.get_object(Bucket=self._bucket, Key=key, Range=span)["Body"].read()
            except client.exceptions.ClientError as error:
                if is_missing(error):
                    raise MissingObjectError(key) from error
                raise

        return _each(read, ranges)

    def delete(self, keys: Sequence[str]) -> None:
        """Delete objects; those that are gone already are no error.

        Raises:
            RuntimeError: S3 refused one.
        """
        for first in range(0, len(keys), _DELETED_AT_ONCE):
            wanted: Any = {"Objects": [{"Key": key} for key in keys[first : first + _DELETED_AT_ONCE]], "Quiet": True}
            refused = self._client().delete_objects(Bucket=self._bucket, Delete=wanted).get("Errors", [])
            if refused:
                raise RuntimeError(f"{len(refused)} objects were not deleted: {refused[0].get('Code')}")


def _each(work: Callable[[_In], _Out], entries: Iterable[_In]) -> list[_Out]:
    entries = list(entries)
    if len(entries) < 2:
        return [work(entry) for entry in entries]
    with ThreadPoolExecutor(min(_AT_ONCE, len(entries))) as pool:
        return list(pool.map(work, entries))
