"""The benchmark of the embeddings index goes with the index: it runs over what the index is called with today."""

from benchmarks.vector_search import clustered, embedded_row


def test_the_embedded_row_is_measured():
    vectors, queries = clustered(200, 2)
    row = embedded_row(vectors, queries, [vectors @ query for query in queries], embedding_ms=8.0)
    assert row.startswith("| 200 | embedded index |")
    assert row.count("|") == 12
