"""The embedded index: what is indexed is found, by its own tenant alone, whole or not at all, until it is removed."""

from dataclasses import replace

import boto3
import numpy as np
import pytest

from besunny.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError, UnavailableError
from besunny.inference.search import manifest
from besunny.inference.search.documents import DocumentItems
from besunny.inference.search.objects import Objects
from tests.integration.inference.conftest import BUCKET, TABLE, Interrupted, Library, embedded_index, library_over

BRIDGE = {"document_id": "bridge", "project_id": "p1", "title": "Bridge", "text": "Corroded girders on the north span."}
CLINIC = {"document_id": "clinic", "project_id": "p2", "text": "The clinics open an hour earlier."}
LONG = "Søren schreibt über Brücken — kurz. " + "Naïve façades crumble slowly. " * 40 + "The last girder is sound."


def ids(answer):
    return [hit.document_id for hit in answer.results]


def test_what_is_indexed_is_found_at_once_with_its_place(library):
    answer = library.put(BRIDGE, CLINIC)
    assert [document.status for document in answer.documents] == ["indexed", "indexed"]
    assert answer.total_chunks == 2
    hit = library.search("Corroded girders on the north span.").results[0]
    assert (hit.document_id, hit.project_id, hit.title) == ("bridge", "p1", "Bridge")
    assert hit.text == BRIDGE["text"][hit.start : hit.end]
    assert hit.score == pytest.approx(1, abs=0.002)


def test_spans_count_characters_whatever_bytes_they_take(library):
    answer = library.put({"document_id": "long", "text": LONG}, chunking={"max_tokens": 20, "overlap": 5})
    found = library.search("girder façades Brücken", threshold=-1, top_k=100)
    assert len(found.results) == answer.chunks > 5
    assert all(LONG[hit.start : hit.end] == hit.text for hit in found.results)
    assert len({hit.chunk_id for hit in found.results}) == answer.chunks
    again = library.put({"document_id": "copy", "text": LONG}, chunking={"max_tokens": 20, "overlap": 5})
    assert again.chunks == answer.chunks
    both = library.search("girder façades Brücken", threshold=-1, top_k=100).results
    assert {h.chunk_id for h in both if h.document_id == "copy"} == {h.chunk_id for h in found.results}


def test_scores_are_the_cosines_within_the_rounding_of_int8(library):
    texts = [f"word{n} word{n + 1} girder" for n in range(30)]
    library.put(*({"document_id": f"d{n}", "text": text} for n, text in enumerate(texts)))
    engine = library.parts.engine
    exact = engine.embed(texts) @ engine.embed(["girder word7"])[0]
    found = library.search("girder word7", threshold=-1, top_k=30).results
    assert len(found) == 30
    assert all(abs(hit.score - exact[int(hit.document_id[1:])]) < 0.002 for hit in found)
    assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)


def test_a_vector_is_searched_as_the_query_it_is_of(library):
    library.put(BRIDGE, CLINIC)
    vector = 3 * library.parts.engine.embed(["Corroded girders"])[0]
    assert library.search(vector=vector.tolist()).results == library.search("Corroded girders").results


def test_nobody_finds_what_is_another_tenants(library):
    library.put(BRIDGE)
    library.put({**BRIDGE, "text": "Something else entirely."}, tenant="acme/../x")
    assert ids(library.search("Corroded girders", tenant="globex")) == []
    assert library.search("Corroded girders", tenant="globex").searched_chunks == 0
    folders = {key.rsplit("/", 2)[0] for key in library.objects()}
    assert folders == {"index/acme", "index/acme%2F..%2Fx"}
    with pytest.raises(NotFoundError):
        library.remove("bridge", tenant="globex")
    library.remove("bridge", tenant="acme/../x")
    assert ids(library.search("Corroded girders on the north span.")) == ["bridge"]


def test_only_documents_of_the_project_are_searched(library):
    library.put(BRIDGE, CLINIC, {"document_id": "free", "text": "Corroded girders."})
    everything = library.search("Corroded girders", threshold=-1)
    assert set(ids(everything)) == {"bridge", "clinic", "free"}
    of_project = library.search("Corroded girders", threshold=-1, project_id="p1")
    assert (ids(of_project), of_project.searched_chunks) == (["bridge"], 1)
    nothing = library.search("Corroded girders", project_id="p9")
    assert (nothing.searched_chunks, nothing.best_score) == (0, None)
    assert nothing.note == "no document is indexed under this project"


def test_what_lies_below_the_threshold_is_counted_and_said(library):
    library.put(BRIDGE, CLINIC)
    answer = library.search("girders of steel", threshold=0.7)
    assert (ids(answer), answer.below_threshold, answer.searched_chunks) == ([], 2, 2)
    assert 0 < answer.best_score < 0.7
    assert f"{answer.best_score:.2f}" in answer.note
    lower = library.search("girders of steel", threshold=answer.best_score - 0.01)
    assert (ids(lower), lower.below_threshold, lower.note) == (["bridge"], 1, None)


def test_top_k_bounds_the_results_and_ties_go_by_document(library):
    library.put(*({"document_id": f"d{n:02d}", "text": "the same words"} for n in range(12)))
    assert ids(library.search("the same words", top_k=5)) == ["d00", "d01", "d02", "d03", "d04"]
    assert library.search("the same words", top_k=5).below_threshold == 0


def sweep(library):
    """What the tenant's first change after two minutes deletes."""
    library.pass_time(minutes=2)
    with pytest.raises(NotFoundError):
        library.remove("nobody")


@pytest.mark.parametrize("change", ["replace", "merge", "remove"])
def test_a_state_of_a_moment_ago_still_finds_what_it_names(library, monkeypatch, change):
    """As after a power cut on a laptop, whose S3 keeps every change at once and whose DynamoDB loses the last ones."""
    library.put(BRIDGE, CLINIC)
    library.put({"document_id": "third", "text": "Radio spots."})
    client = boto3.client("dynamodb")
    table = TABLE
    before = client.scan(TableName=table)["Items"]
    if change == "merge":
        monkeypatch.setattr(manifest, "_MOST_SEGMENTS", 1)
        monkeypatch.setattr(manifest, "_MERGED_AT_LEAST", 2)
    if change == "remove":
        library.remove("bridge")
        library.remove("third")
    else:
        library.put({**BRIDGE, "text": "Painting begins in May."}, {**CLINIC, "text": "The clinics close."})
    for item in client.scan(TableName=table)["Items"]:
        client.delete_item(TableName=table, Key={name: item[name] for name in ("pk", "sk")})
    for item in before:
        client.put_item(TableName=table, Item=item)
    found = library_over(embedded_index()).search("Corroded girders", threshold=-1)
    assert sorted(ids(found)) == ["bridge", "clinic", "third"]
    assert found.note is None


def test_a_lost_segment_is_said_and_the_others_answer(library):
    library.put(BRIDGE)
    lost = library.objects("segments/")
    library.put(CLINIC)
    library.parts.objects.delete(lost)
    found = library_over(embedded_index()).search("Corroded girders", threshold=-1)
    assert (ids(found), found.searched_chunks) == (["clinic"], 1)
    assert found.note == "1 chunks could not be searched, as their vectors are lost; index their documents again"


def test_a_merge_takes_lost_segments_out_and_merges_the_rest(library, monkeypatch):
    monkeypatch.setattr(manifest, "_MOST_SEGMENTS", 2)
    monkeypatch.setattr(manifest, "_MERGED_AT_LEAST", 2)
    library.put(BRIDGE, {"document_id": "third", "text": "Radio spots."})
    lost = library.objects("segments/")
    library.put(CLINIC)
    library.put({"document_id": "fourth", "text": "Painting begins in May."})
    library.parts.objects.delete(lost)
    fresh = library_over(embedded_index())
    fresh.numbers = library.numbers
    assert fresh.put({"document_id": "fifth", "text": "Scaffolding."}).total_chunks == 3
    found = fresh.search("Corroded girders", threshold=-1)
    assert (sorted(ids(found)), found.note) == (["clinic", "fifth", "fourth"], None)
    (record,) = [item for item in library.items("AUDIT#") if item["action"]["S"] == "vectors_lost"]
    assert {name: int(value["N"]) for name, value in record["detail"]["M"].items()} == {
        "documents": 2,
        "chunks": 2,
        "segments": 1,
    }
    again = fresh.put(BRIDGE)
    assert (again.documents[0].status, again.total_chunks) == ("replaced", 4)
    fresh.remove("third")
    assert len(fresh.search("Corroded girders", threshold=-1).results) == 4
    assert len(manifest.Manifests(boto3.client("dynamodb"), TABLE).get("acme").segments) <= 3


def test_the_same_id_again_replaces_and_leaves_nothing(library):
    library.put(BRIDGE)
    library.search("Corroded girders")
    answer = library.put({**BRIDGE, "text": "Painting begins in May."})
    assert answer.documents[0].status == "replaced"
    assert answer.total_chunks == 1
    found = library.search("Corroded girders on the north span.", threshold=-1)
    assert [hit.text for hit in found.results] == ["Painting begins in May."]
    sweep(library)
    assert len(library.objects("texts/")) == len(library.objects("segments/")) == 1
    assert library.items("SWEEP#") == []


def test_the_very_same_again_costs_nothing(library):
    library.put(BRIDGE)
    library.parts.engine.embedded.clear()
    assert library.put(BRIDGE).documents[0].status == "unchanged"
    assert library.parts.engine.embedded == []
    assert library.put({**BRIDGE, "project_id": "p2"}).documents[0].status == "replaced"
    assert ids(library.search("Corroded girders", threshold=-1, project_id="p2")) == ["bridge"]


def test_removed_is_gone_from_answers_and_from_storage(library):
    library.put(BRIDGE, CLINIC)
    library.search("Corroded girders")
    library.remove("bridge")
    assert ids(library.search("Corroded girders", threshold=-1)) == ["clinic"]
    sweep(library)
    assert len(library.objects("texts/")) == 1
    library.remove("clinic")
    with pytest.raises(NotFoundError):
        library.remove("clinic")
    empty = library.search("Corroded girders", threshold=-1)
    assert (empty.results, empty.searched_chunks, empty.note) == ([], 0, "no document is indexed")
    sweep(library)
    assert library.objects("texts/") == []
    assert library.items("DOCUMENT#") == []


def test_another_process_sees_each_change_at_once(library, aws):
    other = library_over(embedded_index())
    other.numbers = library.numbers
    assert other.search("Corroded girders").searched_chunks == 0
    library.put(BRIDGE)
    assert ids(other.search("Corroded girders")) == ["bridge"]
    other.put({**BRIDGE, "text": "Painting begins in May."})
    assert ids(library.search("Painting begins in May.")) == ["bridge"]
    library.remove("bridge")
    assert other.search("Painting").searched_chunks == 0


def test_two_that_index_at_once_lose_nothing(library):
    def meanwhile():
        library.put(CLINIC, {**BRIDGE, "text": "Overtaken."})

    slow = library_over(embedded_index(Interrupted(boto3.client("dynamodb"), meanwhile)))
    slow.numbers = library.numbers
    answer = slow.put(BRIDGE, {"document_id": "third", "text": "Radio spots."})
    assert [document.status for document in answer.documents] == ["replaced", "indexed"]
    found = library.search("girders", threshold=-1)
    assert sorted(hit.text for hit in found.results) == sorted([BRIDGE["text"], CLINIC["text"], "Radio spots."])
    assert answer.total_chunks == found.searched_chunks == 3
    sweep(library)
    assert len(library.objects("texts/")) == 3


def test_removing_while_another_replaces_removes_what_stands(library):
    library.put(BRIDGE)
    meanwhile = lambda: library.put({**BRIDGE, "text": "Painting begins in May."})  # noqa: E731
    slow = library_over(embedded_index(Interrupted(boto3.client("dynamodb"), meanwhile)))
    slow.numbers = library.numbers
    slow.remove("bridge")
    assert library.search("Painting", threshold=-1).searched_chunks == 0
    sweep(library)
    assert library.objects() == []


def test_a_put_whose_answer_was_lost_is_not_undone(library):
    """The write took place, the process saw an error of its condition when it tried again."""
    client = boto3.client("dynamodb")

    class Forgetful(Interrupted):
        def transact_write_items(self, **request):
            self._client.transact_write_items(**request)
            return self._client.transact_write_items(**request)  # refused: the manifest has moved on

    answer = library_over(embedded_index(Forgetful(client))).put(BRIDGE)
    assert answer.documents[0].chunks == 1
    assert ids(library.search("Corroded girders")) == ["bridge"]
    assert len(library.objects("texts/")) == 1


def test_an_index_that_never_rests_is_said_to_be_busy_and_nothing_is_left(library):
    others = iter(range(100))
    act = lambda: library.put({"document_id": f"other-{next(others)}", "text": "Busy."})  # noqa: E731
    waits = []
    client = Interrupted(boto3.client("dynamodb"), *[act] * 12)
    slow = library_over(embedded_index(client, sleep=waits.append))
    slow.numbers = library.numbers
    with pytest.raises(UnavailableError):
        slow.put({**BRIDGE, "document_id": "late"})
    assert len(waits) == 12
    assert len(library.objects("texts/")) == 12
    assert library.items("SWEEP#") == []


def test_what_a_crash_left_is_swept_by_the_next_change(library, monkeypatch):
    def dies(self, tenant_id, manifest):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(manifest.Manifests, "put", dies)
        with pytest.raises(KeyboardInterrupt):
            library.put(BRIDGE)
    assert len(library.objects("texts/")) == 1
    assert library.search("Corroded girders").searched_chunks == 0
    library.put(CLINIC)
    assert len(library.objects("texts/")) == 2, "it may still be at work"
    library.pass_time(minutes=17)
    library.put({**CLINIC, "text": "The clinics close."})
    sweep(library)
    assert len(library.objects("texts/")) == 1
    assert library.items("SWEEP#") == []


def test_many_small_segments_become_few_and_answers_stay(library):
    for number in range(60):
        library.put({"document_id": f"d{number}", "text": f"word{number} girder"})
    library.remove("d3")
    library.put({"document_id": "d4", "text": "word4 replaced"})
    sweep(library)
    assert len(library.objects("segments/")) <= 25
    fresh = library_over(embedded_index())
    assert fresh.search("girder", threshold=-1).searched_chunks == 59
    assert ids(fresh.search("word17 girder", top_k=1)) == ["d17"]
    texts = {hit.text for hit in fresh.search("word4", threshold=-1, top_k=100).results}
    assert "word4 replaced" in texts
    assert not {"word3 girder", "word4 girder"} & texts


def test_vectors_of_removed_documents_leave_storage_when_they_are_many(library, monkeypatch):
    monkeypatch.setattr(manifest, "_MOST_DEAD", 3)
    library.put(*({"document_id": f"d{n}", "text": f"word{n}"} for n in range(10)))
    for number in range(5):
        library.remove(f"d{number}")
    library.put(BRIDGE)
    state = manifest.Manifests(boto3.client("dynamodb"), TABLE).get("acme")
    assert sum(entry.rows for entry in state.segments) == 7
    assert len(state.dead) == 1
    assert library.search("word7", threshold=-1).searched_chunks == 6


def test_a_merge_in_the_midst_of_which_another_writes_loses_nothing(library, monkeypatch):
    monkeypatch.setattr(manifest, "_MOST_SEGMENTS", 3)
    monkeypatch.setattr(manifest, "_MERGED_AT_LEAST", 2)
    for number in range(4):
        library.put({"document_id": f"d{number}", "text": f"word{number}"}, {"document_id": f"e{number}", "text": "x"})

    def meanwhile():
        library.remove("d1")

    slow = library_over(embedded_index(Interrupted(boto3.client("dynamodb"), meanwhile)))
    slow.numbers = library.numbers
    slow.put(BRIDGE)
    found = library.search("word1", threshold=-1, top_k=100)
    assert set(ids(found)) == {"d0", "d2", "d3", "e0", "e1", "e2", "e3", "bridge"}
    sweep(library)
    assert library.items("SWEEP#") == []


def test_a_search_survives_that_segments_and_texts_vanish_under_it(library, monkeypatch):
    library.put(BRIDGE, CLINIC)
    plain = Objects.get_ranges
    acts = [lambda: library.put({**BRIDGE, "text": "Painting begins in May."}), lambda: library.remove("clinic")]

    def interrupted(self, ranges):
        if acts:
            acts.pop(0)()
        return plain(self, ranges)

    monkeypatch.setattr(Objects, "get_ranges", interrupted)
    fresh = library_over(embedded_index())
    found = fresh.search("Corroded girders", threshold=-1)
    assert [hit.text for hit in found.results] == ["Painting begins in May."]


def test_chunks_of_another_model_are_told_apart(library):
    library.put(BRIDGE, CLINIC)
    newer = library_over(embedded_index())
    newer.numbers = library.numbers
    newer.parts.engine.info = newer.parts.engine.info.model_copy(update={"version": "2"})
    answer = newer.search("Corroded girders", threshold=-1)
    assert (answer.results, answer.outdated_chunks, answer.searched_chunks) == ([], 2, 0)
    assert "another model" in answer.note
    assert newer.put(BRIDGE).documents[0].status == "replaced"
    again = newer.search("Corroded girders", threshold=-1)
    assert (ids(again), again.outdated_chunks) == (["bridge"], 1)


def test_a_full_index_says_so_and_keeps_what_it_has(aws):
    library = library_over(embedded_index(max_chunks=2))
    library.put(BRIDGE, CLINIC)
    with pytest.raises(ConflictError, match="holds 2 chunks of at most 2"):
        library.put({"document_id": "third", "text": "Radio spots."})
    assert len(library.objects("texts/")) == 2
    assert library.put({**BRIDGE, "text": "As many chunks as before."}).total_chunks == 2


def test_too_many_chunks_of_one_request_are_refused_before_any_is_embedded(library):
    with pytest.raises(InvalidInputError, match="more than the 1,000 of one request") as refused:
        library.put({"document_id": "book", "text": "One two three. " * 6000}, chunking={"max_tokens": 16})
    assert refused.value.errors[0].field == "documents"
    assert library.parts.engine.embedded == []
    assert library.objects() == []


def test_each_change_leaves_an_audit_record_without_content(library):
    library.put(BRIDGE)
    library.pass_time(seconds=1)
    library.remove("bridge")
    records = library.items("AUDIT#")
    assert [record["action"]["S"] for record in records] == ["indexed", "removed"]
    assert {record["actor"]["S"] for record in records} == {"alice"}
    assert "girder" not in str(records)


def test_random_changes_leave_what_a_dictionary_holds(library, monkeypatch):
    """Against a plain model: a dict of texts by id, changed the same way."""
    monkeypatch.setattr(manifest, "_MOST_SEGMENTS", 4)
    monkeypatch.setattr(manifest, "_MERGED_AT_LEAST", 2)
    monkeypatch.setattr(manifest, "_MOST_DEAD", 5)
    random = np.random.default_rng(5)
    model = {}
    for step in range(50):
        name = f"d{random.integers(12)}"
        if random.random() < 0.35 and name in model:
            library.remove(name)
            del model[name]
        else:
            batch = {f"d{random.integers(12)}": f"text {step} {n}" for n in range(random.integers(1, 4))}
            library.put(*({"document_id": key, "text": text} for key, text in batch.items()))
            model |= batch
    for seen in (library, library_over(embedded_index())):
        found = seen.search("text", threshold=-1, top_k=100)
        assert {hit.document_id: hit.text for hit in found.results} == model
    sweep(library)
    assert len(library.objects("texts/")) == len(model)


def test_what_changed_while_another_index_was_chosen_neither_stops_a_search_nor_crowds_it(library):
    copies = [{"document_id": f"copy{number}", "text": BRIDGE["text"]} for number in range(3)]
    library.put(BRIDGE, CLINIC, *copies)
    known = DocumentItems(boto3.client("dynamodb"), TABLE)
    for name in ("copy0", "copy1", "copy2"):
        replaced = known.get("acme", [name])[name].model_copy(update={"index": "s3-vectors", "version": "elsewhere"})
        boto3.client("dynamodb").transact_write_items(TransactItems=[known.put("acme", replaced)])
    answer = library.search("Corroded girders", threshold=-1, top_k=2)
    assert (set(ids(answer)), answer.stale_results) == ({"bridge", "clinic"}, 3)
    library.remove("bridge")
    library.remove("clinic")
    nothing = library.search("Corroded girders", threshold=-1, top_k=2)
    assert (nothing.results, nothing.stale_results) == ([], 3)
    assert "replaced or removed" in nothing.note


def test_a_denied_object_is_logged_with_its_code(library, monkeypatch, caplog):
    library.put(BRIDGE)
    denied = boto3.client("s3")

    def refuse(**request):
        raise denied.exceptions.ClientError({"Error": {"Code": "AccessDenied"}}, "GetObject")

    monkeypatch.setattr(denied, "get_object", refuse)
    parts = replace(library.parts, objects=Objects(lambda: denied, BUCKET))
    with pytest.raises(UnavailableError):
        Library(parts).search("Corroded girders", threshold=-1)
    assert {record.code for record in caplog.records} == {"AccessDenied"}


def test_a_busy_table_is_asked_again_with_pauses_and_not_for_ever(library, monkeypatch):
    library.put(BRIDGE)
    client = boto3.client("dynamodb")
    plain, busy, waited = client.batch_get_item, [True, True], []

    def read(RequestItems):
        if busy and (busy[0] is None or busy.pop()):
            return {"Responses": {}, "UnprocessedKeys": RequestItems}
        return plain(RequestItems=RequestItems)

    monkeypatch.setattr(client, "batch_get_item", read)
    documents = DocumentItems(client, TABLE, sleep=waited.append)
    assert list(documents.get("acme", ["bridge"])) == ["bridge"]
    assert len(waited) == 2
    assert waited[1] > waited[0] > 0
    busy.append(None)
    with pytest.raises(UnavailableError, match="too busy"):
        documents.get("acme", ["bridge"])


def test_more_documents_than_dynamodb_reads_at_once(library):
    library.put(BRIDGE)
    names = [f"d{number}" for number in range(150)] + ["bridge"]
    assert list(library.parts.documents.get("acme", names)) == ["bridge"]


def test_a_colleague_s_document_is_replaced_and_removed_by_operators_alone(library):
    library.put(BRIDGE)
    changed = {**BRIDGE, "text": "Painting begins in May."}
    assert library.put(BRIDGE, actor="bob").documents[0].status == "unchanged"
    with pytest.raises(ForbiddenError, match="a colleague indexed the document bridge"):
        library.put(CLINIC, changed, actor="bob")
    with pytest.raises(ForbiddenError):
        library.remove("bridge", actor="bob")
    assert ids(library.search("Corroded girders", threshold=-1)) == ["bridge"], "all or none"
    assert library.put(changed, actor="carol", operator=True).documents[0].status == "replaced"
    assert library.put(BRIDGE).documents[0].status == "replaced", "it is still its maker's"
    library.remove("bridge", actor="carol", operator=True)
    assert library.put(changed, actor="bob").documents[0].status == "indexed"
    sweep(library)
    assert len(library.objects("texts/")) == 1


def test_a_document_that_a_colleague_indexes_in_the_same_moment_is_theirs(library):
    index = embedded_index(Interrupted(boto3.client("dynamodb"), lambda: library.put(BRIDGE, actor="bob")))
    slow = library_over(index)
    slow.numbers = library.numbers
    with pytest.raises(ForbiddenError):
        slow.put({**BRIDGE, "text": "Painting begins in May."})
    assert [hit.text for hit in library.search("girders", threshold=-1).results] == [BRIDGE["text"]]
    assert len(library.objects("texts/")) == 1
