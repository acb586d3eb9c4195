"""Vectors from a server: 384 dimensions or a clear error."""

from datetime import UTC, datetime

import numpy as np
import pytest

from besunny.errors import EngineFailedError, EngineUnavailableError
from besunny.inference.engines.protocol import Deadline
from besunny.inference.engines.remote_encoder import RemoteEncoder
from besunny.inference.run import run
from tests.fake_openai import Reply
from tests.unit.inference.fake_engine import BagEngine

NOW = datetime(2026, 5, 4, tzinfo=UTC)


@pytest.fixture
def encoder(bench):
    config = bench.config("embeddings", embedding_model="small-384")
    info = config.info("house", "embeddings")
    deadline = Deadline.within(30)
    options = {"embedded": BagEngine(), "meter": bench.meter, "deadline": deadline, "attempts": bench.attempts}
    return RemoteEncoder(config.engines["house"], info, lambda: "sk-1", **options)


def vectors(dimensions=384, *, backwards=True):
    def reply(request):
        rows = [
            {"index": n, "embedding": [float(len(text)), 2.0] + [0.0] * (dimensions - 2)}
            for n, text in enumerate(request.body["input"])
        ]
        return Reply(body={"data": rows[::-1] if backwards else rows, "usage": {"prompt_tokens": 7}})

    return reply


def test_vectors_come_in_the_order_of_the_texts_and_have_length_one(encoder, server, bench):
    server.reply = vectors()
    found = encoder.embed(["a", "bbb"])
    assert found.shape == (2, 384)
    assert np.allclose(np.linalg.norm(found, axis=1), 1)
    assert found[0][0] / found[0][1] == pytest.approx(0.5)
    assert found[1][0] / found[1][1] == pytest.approx(1.5)
    (request,) = server.requests
    assert request.path == "/v1/embeddings"
    assert request.body == {"model": "small-384", "input": ["a", "bbb"], "dimensions": 384}
    assert request.headers["Authorization"] == "Bearer sk-1"
    assert bench.meter.usage.input_tokens == 7


def test_many_texts_go_in_batches(encoder, server):
    server.reply = vectors()
    assert encoder.embed([str(n) for n in range(200)]).shape == (200, 384)
    assert [len(request.body["input"]) for request in server.requests] == [96, 96, 8]


def test_another_number_of_dimensions_is_a_mistake_of_the_configuration(encoder, server):
    server.reply = vectors(768)
    with pytest.raises(EngineFailedError, match=r"small-384 gives 768 dimensions, and 384.*embeddings: \[embedded\]"):
        encoder.embed(["a"])
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"data": []},
        {"data": [{"index": 0}]},
        {"data": [{"index": 0, "embedding": ["x"]}]},
        {"data": [{"index": 0, "embedding": [float("nan")] * 384}]},
        7,
    ],
)
def test_an_answer_of_another_form_fails(encoder, server, body):
    server.reply = lambda request: Reply(body=body)
    with pytest.raises(EngineFailedError):
        encoder.embed(["a"])


def test_a_server_that_fails_is_tried_three_times(encoder, server):
    with pytest.raises(EngineUnavailableError, match="HTTP 503"):
        encoder.embed(["a"])
    assert len(server.requests) == 3


def test_the_service_answers_with_them(encoder, server):
    server.reply = vectors()
    answer = run("embeddings", {"text": "One sentence. Another sentence."}, engine=encoder, now=NOW)
    assert (answer.engine.name, answer.model) == ("house", "small-384")
    assert len(answer.document_embedding) == 384
