"""The documents that feedback is about, as JSON in S3: those under review expire, those that teach stay."""

import json
from typing import Any

from besunny.aws import clients
from besunny.aws.objects import is_missing
from besunny.errors import NotFoundError
from besunny.feedback import keys

UNDER_REVIEW, TEACHING = "reviews", "corrections"


def keep(bucket: str, folder: str, tenant_id: str, key: str, document: dict[str, Any]) -> None:
    """Write a document; the same one again changes nothing."""
    body = json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode(errors="surrogatepass")
    name = keys.text_object(folder, tenant_id, key)
    clients.s3().put_object(Bucket=bucket, Key=name, Body=body, ContentType="application/json")


def load(bucket: str, folder: str, tenant_id: str, key: str) -> dict[str, Any]:
    """A document that was kept.

    Raises:
        NotFoundError: it is no longer there.
    """
    client = clients.s3()
    try:
        found = client.get_object(Bucket=bucket, Key=keys.text_object(folder, tenant_id, key))
    except client.exceptions.ClientError as error:
        if is_missing(error):
            raise NotFoundError("the document's text is no longer stored") from error
        raise
    document: dict[str, Any] = json.loads(found["Body"].read())
    return document


def remove(bucket: str, folder: str, tenant_id: str, key: str) -> None:
    """Delete a document; one that is not there is no error."""
    clients.s3().delete_object(Bucket=bucket, Key=keys.text_object(folder, tenant_id, key))
