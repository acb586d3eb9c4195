"""What changes and crashes left is deleted by schedule, for tenants that change nothing any more."""

import boto3
import pytest

from besunny.aws import clients
from besunny.feedback import texts
from besunny.feedback.corrections import Correction, Corrections
from besunny.feedback.leftovers import Leftovers
from besunny.inference import sweeping
from besunny.inference.search import manifest
from besunny.inference.search.objects import Objects
from besunny.inference.search.settings import SweepSettings
from besunny.inference.sweeping import Swept, sweep_what_is_left
from tests.integration.inference.conftest import BUCKET, TABLE, make_table

BRIDGE = {"document_id": "bridge", "text": "Corroded girders on the north span."}
CORRECTIONS = "FeedbackTable"
KEY = "0123456789abcdef" * 2


@pytest.fixture(autouse=True)
def settings(aws, monkeypatch):
    make_table(CORRECTIONS)
    for name, value in {"INDEX_TABLE": TABLE, "FEEDBACK_TABLE": CORRECTIONS, "DATA_BUCKET": BUCKET}.items():
        monkeypatch.setenv(name, value)
    forget()
    yield
    forget()


def forget():
    SweepSettings.from_environment.cache_clear()
    for client in (clients.dynamodb, clients.s3):
        client.cache_clear()


def crashes(library, monkeypatch):
    def dies(self, tenant_id, manifest):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(manifest.Manifests, "put", dies)
        with pytest.raises(KeyboardInterrupt):
            library.put(BRIDGE)


def test_a_removed_document_leaves_storage_though_its_tenant_does_nothing_more(library):
    library.put(BRIDGE)
    library.put(BRIDGE, tenant="globex")
    library.remove("bridge")
    assert sweep_what_is_left(now=library.now).index == 0
    assert len(library.objects("texts/")) == 2, "a query may still read it"
    library.pass_time(minutes=2)
    assert sweep_what_is_left(now=library.now) == Swept(index=1, corrections=0)
    assert {key.split("/")[1] for key in library.objects()} == {"globex"}
    assert library.items("SWEEP#") == []
    assert len(library.search("Corroded girders", tenant="globex").results) == 1


def test_what_a_crash_left_is_swept_once_it_cannot_be_at_work_any_more(library, monkeypatch):
    crashes(library, monkeypatch)
    library.pass_time(minutes=15)
    assert sweep_what_is_left(now=library.now).index == 0
    library.pass_time(minutes=2)
    assert sweep_what_is_left(now=library.now).index == 1
    assert library.objects() == []


def test_what_was_committed_is_never_swept(library):
    library.put(BRIDGE)
    library.pass_time(days=1)
    assert sweep_what_is_left(now=library.now).index == 0
    assert len(library.search("Corroded girders").results) == 1


def test_the_index_by_due_may_be_behind(library, monkeypatch):
    library.put(BRIDGE)
    library.remove("bridge")
    library.pass_time(minutes=2)
    (stale,) = library.items("SWEEP#")
    sweep_what_is_left(now=library.now)
    monkeypatch.setattr(
        "besunny.inference.search.sweeps.due_items",
        lambda *_, **__: [{"pk": "acme", "sweep_id": stale["sweep_id"]["S"], "objects": ["never/delete"]}],
    )
    assert sweep_what_is_left(now=library.now).index == 0


def test_one_run_is_bounded_and_the_next_goes_on(library, monkeypatch):
    monkeypatch.setattr(sweeping, "_MOST", 2)
    for number in range(5):
        library.put({**BRIDGE, "document_id": f"d{number}"}, tenant=f"t{number}")
        library.remove(f"d{number}", tenant=f"t{number}")
    library.pass_time(minutes=2)
    assert [sweep_what_is_left(now=library.now).index for _ in range(4)] == [2, 2, 1, 0]
    assert library.objects() == []


def test_one_that_fails_holds_up_no_other_and_is_raised(library, monkeypatch):
    plain = Objects.delete

    def failing(self, keys):
        if "/acme/" in keys[0]:
            raise RuntimeError("refused")
        plain(self, keys)

    for tenant in ("acme", "globex"):
        library.put(BRIDGE, tenant=tenant)
        library.remove("bridge", tenant=tenant)
    library.pass_time(minutes=2)
    with monkeypatch.context() as patch:
        patch.setattr(Objects, "delete", failing)
        with pytest.raises(ExceptionGroup):
            sweep_what_is_left(now=library.now)
    assert {key.split("/")[1] for key in library.objects()} == {"acme"}
    assert sweep_what_is_left(now=library.now).index == 1


def corrected(now):
    leftovers = Leftovers(CORRECTIONS, BUCKET)
    leftovers.announce("acme", KEY, now=now)
    texts.keep(BUCKET, texts.TEACHING, "acme", KEY, {"content_text": "x"})
    correction = Correction(key=KEY, project_id="p", vector=b"", model="m", created_by="ann", created_at="then")
    return leftovers, correction


def kept_texts():
    found = boto3.client("s3").list_objects_v2(Bucket=BUCKET, Prefix="corrections/").get("Contents", [])
    return [entry["Key"] for entry in found]


def test_a_text_whose_correction_was_never_kept_is_swept(library):
    corrected(library.now)
    library.pass_time(minutes=15)
    assert sweep_what_is_left(now=library.now).corrections == 0
    library.pass_time(minutes=2)
    assert sweep_what_is_left(now=library.now) == Swept(index=0, corrections=1)
    assert kept_texts() == []
    assert boto3.client("dynamodb").scan(TableName=CORRECTIONS)["Items"] == []


def test_a_text_that_a_correction_keeps_stays(library):
    _, correction = corrected(library.now)
    Corrections(CORRECTIONS).put("acme", correction, owner=None, now=library.now)
    library.pass_time(minutes=17)
    assert sweep_what_is_left(now=library.now).corrections == 1
    assert kept_texts() == [f"corrections/acme/{KEY}"]
    assert sweep_what_is_left(now=library.now).corrections == 0


def test_a_text_left_by_a_removal_that_crashed_is_swept(library):
    leftovers, correction = corrected(library.now)
    store = Corrections(CORRECTIONS)
    store.put("acme", correction, owner=None, now=library.now)
    left = leftovers.left("acme", KEY, now=library.now)
    store.remove("acme", KEY, actor="ann", owner=None, now=library.now, with_writes=[left])
    library.pass_time(minutes=2)
    assert sweep_what_is_left(now=library.now).corrections == 1
    assert kept_texts() == []


def test_a_note_that_was_made_anew_is_left_to_its_new_time(library):
    leftovers, _ = corrected(library.now)
    library.pass_time(minutes=16)
    (due,) = leftovers.due(now=library.now, most=10)
    leftovers.announce("acme", KEY, now=library.now)
    assert not leftovers.settle(due)
    assert kept_texts() == [f"corrections/acme/{KEY}"]
