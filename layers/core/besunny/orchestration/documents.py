"""Inputs and results: small ones beside the workflow, large ones in S3; state carries only references to them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from besunny.aws.objects import is_missing
from besunny.errors import FieldError, InvalidInputError, NotFoundError
from besunny.orchestration import keys
from besunny.orchestration.records import InputReference
from besunny.orchestration.table import Table

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

INPUT_INLINE_BYTES = 8 * 1024
RESULT_INLINE_BYTES = 200 * 1024
UPLOAD_MAX_BYTES = 25 * 1024 * 1024
LINK_SECONDS = 900


class StoredResult(BaseModel):
    """A service's result as stored: `body` (JSON) where small, else `key` of the object that holds it."""

    service: str
    body: str | None = None
    key: str | None = None
    bytes: int


def encode(value: Any) -> str:
    """JSON, compact."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


class Documents:
    """The documents of workflows.

    Args:
        table: the workflows table, for small inputs.
        client: gives the client; not called before an object is needed, as many requests need none.
        bucket: holds `inputs/` and `results/`.
    """

    def __init__(self, table: Table, client: Callable[[], S3Client], bucket: str) -> None:
        self._table = table
        self._make_client = client
        self._bucket = bucket

    @property
    def _client(self) -> S3Client:
        return self._make_client()

    def put_text(self, key: str, text: str) -> str:
        """Write an object of JSON; gives its key."""
        self._client.put_object(
            Bucket=self._bucket, Key=key, Body=text.encode(errors="surrogatepass"), ContentType="application/json"
        )
        return key

    def load_input(self, workflow_id: str, reference: InputReference) -> dict[str, Any]:
        """The `input_data` of a workflow, with the tenant's projects where it shares them.

        Raises:
            NotFoundError: it is no longer there.
        """
        if reference.kind == "item":
            item = self._table.get(keys.input_item(workflow_id))
            if item is None:
                raise NotFoundError("the workflow's input is no longer stored")
            loaded: dict[str, Any] = json.loads(item["body"])
        else:
            loaded = json.loads(self._object(str(reference.key), reference.start, reference.end))
        if reference.projects_key and loaded.get("projects") is None:
            loaded["projects"] = json.loads(self._object(reference.projects_key))
        return loaded

    def load_list(self, key: str) -> list[Any]:
        """A list that was written as an object.

        Raises:
            NotFoundError: it is no longer there.
        """
        loaded: list[Any] = json.loads(self._object(key))
        return loaded

    def keep_result(self, *, tenant_id: str, workflow_id: str, attempt: int, service: str, body: str) -> StoredResult:
        """Make a result storable: where it is large, its object is written now and the item will hold its key."""
        size = len(body.encode())
        if size <= RESULT_INLINE_BYTES:
            return StoredResult(service=service, body=body, bytes=size)
        key = keys.object_key("results", tenant_id, workflow_id, str(attempt), f"{service}.json")
        return StoredResult(service=service, key=self.put_text(key, body), bytes=size)

    def load_result(self, stored: StoredResult) -> Any:
        """The result itself."""
        return json.loads(stored.body if stored.body is not None else self._object(str(stored.key)))

    def result_link(self, stored: StoredResult) -> str:
        """An address that gives the result's object for `LINK_SECONDS`."""
        parameters = {"Bucket": self._bucket, "Key": str(stored.key)}
        return self._client.generate_presigned_url("get_object", Params=parameters, ExpiresIn=LINK_SECONDS)

    def _object(self, key: str, start: int | None = None, end: int | None = None) -> str:
        # Without bounds, the range is the whole object.
        span = f"bytes={start or 0}-{'' if end is None else end - 1}"
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=key, Range=span)
        except self._client.exceptions.ClientError as error:
            if is_missing(error):
                raise NotFoundError("a stored document of this workflow has expired") from error
            raise
        return answer["Body"].read().decode(errors="surrogatepass")


class Uploads:
    """Inputs that callers put into S3 themselves.

    Args:
        client: as of `Documents`.
        bucket: holds `uploads/`.
    """

    def __init__(self, client: Callable[[], S3Client], bucket: str) -> None:
        self._make_client = client
        self._bucket = bucket

    @property
    def _client(self) -> S3Client:
        return self._make_client()

    def link(self, tenant_id: str, owner: str, upload_id: str) -> str:
        """An address that takes one PUT of the upload for `LINK_SECONDS`."""
        parameters = {"Bucket": self._bucket, "Key": keys.upload_key(tenant_id, owner, upload_id)}
        return self._client.generate_presigned_url("put_object", Params=parameters, ExpiresIn=LINK_SECONDS)

    def load(self, tenant_id: str, owner: str, upload_id: str) -> str:
        """The text of an upload of this user.

        Raises:
            InvalidInputError: nothing was put there, or it is too large, or not UTF-8.
        """
        field = "input_data.upload_id"
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=keys.upload_key(tenant_id, owner, upload_id))
        except self._client.exceptions.ClientError as error:
            if is_missing(error):
                fault = FieldError(field, "nothing was uploaded under it", "PUT the file to the `url` of POST /uploads")
                raise InvalidInputError(fault) from None
            raise
        if answer["ContentLength"] > UPLOAD_MAX_BYTES:
            raise InvalidInputError(FieldError(field, "the upload is larger than 25 MB", "upload it in parts"))
        try:
            return answer["Body"].read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise InvalidInputError(FieldError(field, "the upload is not UTF-8 text", "upload JSON or text")) from None
