"""QueryVectors, which moto has not: answered from the vectors that moto keeps, as the service describes it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import numpy as np
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator


class _Raw:
    """A body as urllib3 gives it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self._body


def answer_query(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
    """A handler of `before-send.s3vectors.QueryVectors`; what it answers is checked against the service's model."""
    wanted = json.loads(request.body)
    client = boto3.client("s3vectors")
    shape = client.meta.service_model.operation_model("QueryVectors").output_shape
    try:
        kept = client.list_vectors(indexArn=wanted["indexArn"], returnData=True, returnMetadata=True)["vectors"]
    except ClientError:
        body = json.dumps({"message": "The specified index could not be found"}).encode()
        return AWSResponse(request.url, 404, {"x-amzn-errortype": "NotFoundException"}, _Raw(body))
    mark = wanted.get("filter", {}).get("project", {}).get("$eq")
    question = np.array(wanted["queryVector"]["float32"])
    found = [
        {
            "key": entry["key"],
            "distance": float(1 - np.dot(entry["data"]["float32"], question)),
            "metadata": entry["metadata"],
        }
        for entry in kept
        if mark is None or entry["metadata"].get("project") == mark
    ]
    nearest = sorted(found, key=lambda entry: float(entry["distance"]))[: wanted["topK"]]
    answer = {"vectors": nearest, "distanceMetric": "cosine"}
    assert not ParamValidator().validate(answer, shape).has_errors()
    return AWSResponse(request.url, 200, {}, _Raw(json.dumps(answer).encode()))
