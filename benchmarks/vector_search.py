"""What searching a tenant's chunks takes: the embedded index beside one DynamoDB item a chunk, read and compared.

    python -m benchmarks.vector_search [--chunks 1000 10000 100000] [--queries 50] [--plain-up-to 10000]

Both run in this process, one thread, on the same vectors (clustered and random, as only their number matters to speed),
over dictionaries that stand for DynamoDB and S3: milliseconds are CPU time of the code, with what decoding DynamoDB's
pages takes at the least (JSON and base64). What AWS adds is a round trip for each request to DynamoDB and S3: these are
counted, and the prices (of units, requests and Lambda's time) and the column `in AWS` hold them at the times assumed
below; the query's own embedding is in both.
The plain way answers from float32 and is the measure of exactness. Above `--plain-up-to` it is not run: its requests
and units are computed, and its milliseconds are those of the largest size that was run, a chunk.
"""

from __future__ import annotations

import argparse
import base64
import json
import math
import os
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "layers/core")]
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "INFERENCE_THREADS"):
    os.environ[_name] = "1"

import numpy as np  # noqa: E402 (the paths and threads above)

from benchmarks.stand_ins import Counter, DictionaryOfItems, DictionaryOfObjects  # noqa: E402
from besunny.inference.engines.embedded import embedded_engine  # noqa: E402
from besunny.inference.search.documents import DocumentItems  # noqa: E402
from besunny.inference.search.embedded import EmbeddedIndex  # noqa: E402
from besunny.inference.search.index import DocumentVectors, StoredDocument  # noqa: E402
from besunny.inference.search.objects import Objects  # noqa: E402
from besunny.projects import Editor  # noqa: E402

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TENANT, MODEL, TABLE = "acme", "m@1", "index"
EDITOR = Editor(TENANT, "alice")
# Of one document, about a meeting of half an hour; bytes of text of a chunk of 128 tokens.
CHUNKS, TEXT = 40, b"x" * 560
DOCUMENTS_A_PUT = 25
TOP_K = 10
SEARCH_MB, INDEX_MB = 1769, 3008
PRICES = json.loads((ROOT / "layers/core/besunny/orchestration/pricing.json").read_text())
# https://aws.amazon.com/s3/pricing/, us-east-1, standard: USD a request.
S3_GET, S3_PUT = 0.4e-6, 5e-6
# Assumed, within a region: ms of a DynamoDB request, of its page of 1 MB, of an S3 request; S3's bytes a ms; the
# requests to S3 that go out at once.
DYNAMODB_MS, PAGE_MS, S3_MS, S3_BYTES_MS, AT_ONCE = 5, 25, 30, 80_000, 8


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chunks", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--queries", type=int, default=50)
    parser.add_argument("--plain-up-to", type=int, default=10_000)
    arguments = parser.parse_args()
    embedding_ms = milliseconds_to_embed()
    print(f"embedding: {embedding_ms:.1f} ms a chunk of 128 tokens, {embedding_ms:.0f} s for 1,000 (one thread)\n")
    print("| chunks | way | index 1,000 ms | cold ms | warm ms p50 / p95 | requests cold / warm "
          "| in AWS, cold / warm ms | peak MB | same 10 | largest error "
          "| USD: 1,000 searches / 1,000 chunks indexed |\n"
          "|---|---|---|---|---|---|---|---|---|---|---|")  # fmt: skip
    plain_ms = None
    for size in arguments.chunks:
        vectors, queries = clustered(size, arguments.queries)
        exact = [vectors @ query for query in queries]
        print(embedded_row(vectors, queries, exact, embedding_ms), flush=True)
        if size <= arguments.plain_up_to:
            row, plain_ms = plain_row(vectors, queries, embedding_ms)
        else:
            row = plain_estimate(size, plain_ms, embedding_ms)
        print(row, flush=True)


def clustered(size: int, queries: int) -> tuple[Any, Any]:
    """Vectors of L2 norm 1 around 200 centres, and queries near some of them: float32."""
    random = np.random.default_rng(7)
    centres = random.standard_normal((200, 384)).astype(np.float32)
    near = centres[random.integers(200, size=size + queries)]
    near += 0.8 * random.standard_normal(near.shape).astype(np.float32)
    near /= np.linalg.norm(near, axis=1, keepdims=True)
    return near[:size], near[size:]


def milliseconds_to_embed() -> float:
    """Of a chunk, by the shipped model."""
    engine = embedded_engine()
    sentences = [
        f"Number {n}: the crew repainted the north span and moved the scaffolding again. " * 8 for n in range(20)
    ]
    texts = [text[: engine.token_ends(text)[127]] for text in sentences]
    engine.embed(texts[:2])
    return timed(lambda: engine.embed(texts)) / len(texts)


def timed(work: Callable[[], object]) -> float:
    """Milliseconds of CPU that it took: other work on this machine does not count."""
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


def traced(work: Callable[[], object]) -> str:
    """The most megabytes that it used at once."""
    tracemalloc.start()
    work()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return f"{peak / 2**20:.0f}"


def documents(vectors: Any) -> Iterator[DocumentVectors]:
    """The vectors as documents of `CHUNKS` chunks each."""
    for first in range(0, len(vectors), CHUNKS):
        own = vectors[first : first + CHUNKS]
        places = np.arange(len(own) + 1, dtype=np.int32) * len(TEXT)
        name = f"d{first // CHUNKS:06d}"
        stored = StoredDocument(
            document_id=name, version=name, series=f"{name:0>24}-128-24", chunks=len(own),
            characters=len(TEXT) * len(own), model=MODEL, index="embedded", text_key=f"texts/{name}",
            indexed_at="2026-01-01T00:00:00.000Z", indexed_by="alice",
        )  # fmt: skip
        spans = np.stack([places[:-1], places[1:], places[:-1], places[1:]], axis=1)
        yield DocumentVectors(document=stored, text=TEXT * len(own), spans=spans, vectors=own)


def put_all(index: EmbeddedIndex, vectors: Any) -> list[float]:
    """Milliseconds of each put of 1,000 chunks."""
    batch = list(documents(vectors))
    taken = []
    for first in range(0, len(batch), DOCUMENTS_A_PUT):
        own = batch[first : first + DOCUMENTS_A_PUT]
        taken.append(timed(partial(index.put, EDITOR, own, now=NOW)))
    return taken


def embedded_row(vectors: Any, queries: Any, exact: list[Any], embedding_ms: float) -> str:
    """The embedded index, measured."""
    counter = Counter()
    store = DictionaryOfObjects(counter)
    client: Any = DictionaryOfItems(counter)
    objects = Objects(lambda: store, "data")  # type: ignore[arg-type,return-value]
    items = DocumentItems(client, TABLE)

    def new_process() -> EmbeddedIndex:
        return EmbeddedIndex(client, TABLE, objects, max_chunks=10**9, cache_bytes=2**30)

    def search(index: EmbeddedIndex, query: Any) -> Any:
        found = index.query(TENANT, query, model=MODEL, top_k=TOP_K, threshold=-1, project_id=None)
        known = items.get(TENANT, [hit.document_id for hit in found.hits])
        objects.get_ranges([(known[hit.document_id].text_key, *hit.span[2:]) for hit in found.hits])
        return found

    put_ms = put_all(new_process(), vectors)
    indexing_requests = (counter.dynamodb, counter.s3_put, counter.s3_get)
    memory = traced(lambda: search(new_process(), queries[0]))
    reader = new_process()
    counter.start()
    cold_ms = timed(lambda: search(reader, queries[0]))
    cold = (counter.dynamodb, counter.s3_get, counter.s3_bytes)
    counter.start()
    found = []
    warm_ms = [timed(partial(lambda query: found.append(search(reader, query)), query)) for query in queries]
    warm = (counter.dynamodb / len(queries), counter.s3_get / len(queries))
    same, error = exactness(found, exact)
    thousands = len(vectors) / 1000
    # A consistent read of the manifest (under 4 KB) and of ten documents; the memory's price while it computes.
    aws_cold = cold_ms + embedding_ms + waits(*cold)
    aws_warm = statistics.median(warm_ms) + embedding_ms + waits(*warm, 0)
    usd_search = 1000 * (
        compute_usd(aws_warm, SEARCH_MB) + (1 + TOP_K) * PRICES["dynamodb_read_unit"] + warm[1] * S3_GET
    )
    # A transaction's write counts twice; the manifest is 2 units, a document 1 in the table and 1 in its index.
    writes = 2 * (DOCUMENTS_A_PUT * 2 + 4)
    usd_index = (
        compute_usd(statistics.mean(put_ms) + 1000 * embedding_ms, INDEX_MB)
        + writes * PRICES["dynamodb_write_unit"]
        + indexing_requests[1] / thousands * S3_PUT
        + indexing_requests[2] / thousands * S3_GET
    )
    return (
        f"| {len(vectors):,} | embedded index | {statistics.median(put_ms):.0f} | {cold_ms:.0f} | {spread(warm_ms)} "
        f"| {cold[0]} + {cold[1]} S3 ({cold[2] / 2**20:.1f} MB) / {warm[0]:.0f} + {warm[1]:.0f} S3 "
        f"| {aws_cold:.0f} / {aws_warm:.0f} | {memory} "
        f"| {same:.1%} | {error:.4f} | {usd_search:.4f} / {usd_index:.4f} |"
    )


def waits(dynamodb: float, s3: float, s3_bytes: float) -> float:
    """Milliseconds that requests take in AWS, as assumed."""
    return dynamodb * DYNAMODB_MS + math.ceil(s3 / AT_ONCE) * S3_MS + s3_bytes / S3_BYTES_MS


def exactness(found: list[Any], exact: list[Any]) -> tuple[float, float]:
    """The share of the ten nearest by float32 that were found, and the largest error of a score."""
    same, error = 0.0, 0.0
    for answer, scores in zip(found, exact, strict=True):
        rows = [int(hit.document_id[1:]) * CHUNKS + hit.number for hit in answer.hits]
        best = set(np.argsort(-scores)[:TOP_K].tolist())
        same += len(best & set(rows)) / len(best) / len(found)
        error = max(error, *(abs(hit.score - float(scores[row])) for hit, row in zip(answer.hits, rows, strict=True)))
    return same, error


def compute_usd(milliseconds: float, memory_mb: int) -> float:
    """Lambda's price of one invocation."""
    return float(milliseconds / 1000 * memory_mb / 1024 * PRICES["lambda_gb_second"] + PRICES["lambda_request"])


def plain_row(vectors: Any, queries: Any, embedding_ms: float) -> tuple[str, float]:
    """One item a chunk (float32 and text), all read for each search; returns its milliseconds a chunk too."""
    pages: list[bytes] = []

    def put() -> None:
        size = item_bytes()
        items = [plain_item(number, vector) for number, vector in enumerate(vectors)]
        a_page = 2**20 // size
        pages[:] = [json.dumps(items[first : first + a_page]).encode() for first in range(0, len(items), a_page)]

    def search(query: Any) -> None:
        # What botocore does with each page at the least.
        read = [item for page in pages for item in json.loads(page)]
        held = b"".join(base64.b64decode(item["vector"]["B"]) for item in read)
        scores = np.frombuffer(held, dtype=np.float32).reshape(-1, 384) @ query
        np.argsort(-scores)[:TOP_K]

    put_ms = timed(put) / len(vectors) * 1000
    memory = traced(lambda: search(queries[0]))
    milliseconds = [timed(partial(search, query)) for query in queries[:5]]
    median = statistics.median(milliseconds)
    in_aws = median + embedding_ms + len(pages) * PAGE_MS
    usd = plain_usd(len(vectors), in_aws, embedding_ms)
    row = (
        f"| {len(vectors):,} | an item a chunk | {put_ms:.0f} | {milliseconds[0]:.0f} | {spread(milliseconds)} "
        f"| {len(pages)} / {len(pages)} | {in_aws:.0f} / {in_aws:.0f} | {memory} | 100.0% | 0.0000 | {usd} |"
    )
    return row, median / len(vectors)


def plain_item(number: int, vector: Any) -> dict[str, Any]:
    """A chunk as an item."""
    return {
        "pk": {"S": TENANT},
        "sk": {"S": f"CHUNK#{number:08d}"},
        "vector": {"B": base64.b64encode(vector.tobytes()).decode()},
        "text": {"S": TEXT.decode()},
    }


def item_bytes() -> int:
    """Of a chunk's item, as DynamoDB counts them."""
    return 384 * 4 + len(TEXT) + 40


def plain_usd(chunks: int, milliseconds: float, embedding_ms: float) -> str:
    """The plain way's prices."""
    item = item_bytes()
    # Half a unit each 4 KB: read eventually, not consistently, which is the cheaper way.
    units = math.ceil(chunks * item / 4096) / 2
    search = 1000 * (compute_usd(milliseconds, SEARCH_MB) + units * PRICES["dynamodb_read_unit"])
    index = compute_usd(1000 * embedding_ms, INDEX_MB) + 1000 * math.ceil(item / 1024) * PRICES["dynamodb_write_unit"]
    return f"{search:.4f} / {index:.4f}"


def plain_estimate(chunks: int, ms_a_chunk: float | None, embedding_ms: float) -> str:
    """The plain way where it is not run."""
    pages = math.ceil(chunks * item_bytes() / 2**20)
    if ms_a_chunk is None:
        return f"| {chunks:,} | an item a chunk | not run | | | {pages} / {pages} | | | | | |"
    guessed = ms_a_chunk * chunks
    in_aws = guessed + embedding_ms + pages * PAGE_MS
    usd = plain_usd(chunks, in_aws, embedding_ms)
    requests = f"{pages} / {pages} | ≈{in_aws:.0f} / ≈{in_aws:.0f}"
    return f"| {chunks:,} | an item a chunk (computed) | | ≈{guessed:.0f} | ≈{guessed:.0f} | {requests} | | | | {usd} |"


def spread(milliseconds: list[float]) -> str:
    """Median and 95th percentile."""
    ordered = sorted(milliseconds)
    return f"{statistics.median(ordered):.0f} / {ordered[int(0.95 * (len(ordered) - 1))]:.0f}"


if __name__ == "__main__":
    main()
