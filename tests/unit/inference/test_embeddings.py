from datetime import UTC, datetime

import numpy as np
import pytest

from besunny.inference.contracts.embeddings import EmbeddingsAnswer
from besunny.inference.engines.embedded import embedded_engine
from besunny.inference.run import run

NOW = datetime(2030, 1, 2, tzinfo=UTC)
TEXT = "The solar panels arrived. They go on the roof next week. The electrician needs two days. " * 12


def embed(**request: object) -> EmbeddingsAnswer:
    answer = run("embeddings", request, engine=embedded_engine(), now=NOW)
    assert isinstance(answer, EmbeddingsAnswer)
    return answer


def test_vectors_have_384_dimensions_and_length_1() -> None:
    answer = embed(texts=[TEXT, "A cat."])
    vectors = [*(chunk.embedding for chunk in answer.chunks), *answer.text_embeddings, answer.document_embedding]
    assert {len(vector) for vector in vectors} == {answer.dimensions} == {384}
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    assert answer.coverage.share == 1.0


def test_near_meanings_are_near() -> None:
    cat, kitten, invoice = embed(texts=["A cat sleeps.", "A kitten naps.", "The invoice is due."]).text_embeddings
    assert np.dot(cat, kitten) > 0.5 > np.dot(cat, invoice) + 0.2


def test_chunks_are_of_the_size_asked_and_cover_the_text() -> None:
    answer = embed(texts=[TEXT], chunking={"max_tokens": 40, "overlap": 10})
    assert all(chunk.tokens <= 40 for chunk in answer.chunks)
    assert len(answer.chunks) > len(embed(texts=[TEXT], chunking={"max_tokens": 40}).chunks)
    assert answer.chunks[0].start == 0
    assert answer.chunks[-1].end == len(TEXT.rstrip())
    assert all(b.start <= a.end + 1 for a, b in zip(answer.chunks, answer.chunks[1:], strict=False))


def test_ids_are_stable_and_of_the_content() -> None:
    alone, second = embed(texts=[TEXT]), embed(texts=["A cat.", TEXT])
    ids = [chunk.chunk_id for chunk in alone.chunks]
    assert ids == [chunk.chunk_id for chunk in second.chunks if chunk.text_index == 1]
    assert len(set(ids)) == len(ids)
    changed = [chunk.chunk_id for chunk in embed(texts=[TEXT + "!"]).chunks]
    assert changed[:-1] == ids[:-1]
    assert changed[-1] != ids[-1]


def test_a_vector_does_not_depend_on_its_neighbours() -> None:
    assert embed(texts=["A cat.", TEXT]).text_embeddings[0] == embed(texts=["A cat."]).document_embedding


@pytest.mark.parametrize("text", ["x" * 3000, "漢字" * 500, "🙂 " * 300, "a"])
def test_odd_texts_embed(text: str) -> None:
    answer = embed(text=text)
    assert answer.coverage.share == 1.0
    assert np.isfinite(answer.document_embedding).all()


def test_texts_in_languages_that_the_model_does_not_know_are_noted_once_each() -> None:
    german, japanese = "Bitte bis Freitag prüfen und zurückschicken.", "契約書を送ってください。"
    notes = embed(texts=[german, "Please review the deck.", german, japanese]).notes
    assert [note.split("`")[1] for note in notes] == ["de", "ja"]
    assert embed(texts=["Please review the deck.", "LGTM"]).notes == []
