"""Corrections and the review queue on moto: kept per tenant, changed once, claimed by one, audited."""

from datetime import UTC, datetime, timedelta
from functools import partial

import boto3
import numpy as np
import pytest
from botocore.exceptions import ClientError

from besunny.api.principal import Principal, Role
from besunny.aws import clients
from besunny.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from besunny.feedback import corrections as corrections_module
from besunny.feedback import texts
from besunny.feedback.claims import claim_review
from besunny.feedback.corrections import Corrections
from besunny.feedback.leftovers import Leftovers
from besunny.feedback.lists import list_corrections, list_reviews
from besunny.feedback.removal import remove_correction
from besunny.feedback.reviews import CLAIM_MINUTES, Review, Reviews
from besunny.inference.classification.teaching import correct, key_of, resolve
from besunny.inference.contracts.common import Document
from besunny.inference.contracts.feedback import FeedbackRequest, ReviewResolution
from tests.unit.inference.fake_engine import BagEngine

pytestmark = pytest.mark.usefixtures("aws")
NOW = datetime(2026, 5, 4, 12, 0, 0, tzinfo=UTC)
MAIL = {
    "type": "email",
    "subject": "Invoice 7",
    "author": "phone@example.com",
    "content_text": "Your phone bill.",
}


def person(sub="ann", tenant="acme", role=Role.USER):
    return Principal(sub=sub, tenant_id=tenant, role=role)


def teach(project_id="p-office", document=MAIL, caller=None, now=NOW):
    request = FeedbackRequest.model_validate({"document": document, "project_id": project_id})
    return correct(request, BagEngine(), caller or person(), now=now)


def queued(caller=None, document=MAIL, now=NOW):
    """A review of this document, as a doubtful classification leaves it."""
    caller = caller or person()
    read = Document.model_validate(document)
    review = Review(
        key=key_of(read),
        owners=[caller.sub],
        type=read.type,
        subject=read.subject,
        excerpt=read.content_text[:200],
        suggested_project_id="p-clinic",
        confidence=0.4,
        projects=["p-clinic", "p-office", "p-home"],
        created_at=now.isoformat(),
    )
    texts.keep("demo-data", texts.UNDER_REVIEW, caller.tenant_id, review.key, read.model_dump(mode="json"))
    Reviews("demo-feedback").add(caller.tenant_id, review, now=now)
    return review.key


def stored(tenant="acme"):
    return Corrections("demo-feedback").all_of(tenant)


def audited(tenant="acme"):
    items = boto3.client("dynamodb").query(
        TableName="demo-feedback",
        KeyConditionExpression="pk = :t AND begins_with(sk, :a)",
        ExpressionAttributeValues={":t": {"S": tenant}, ":a": {"S": "AUDIT#"}},
    )["Items"]
    return [(item["action"]["S"], item["actor"]["S"]) for item in items]


def test_a_correction_keeps_the_documents_vector_and_says_what_it_replaced():
    first = teach("p-office")
    again = teach("p-home", now=NOW + timedelta(minutes=1))
    assert (first.replaced_project_id, again.replaced_project_id) == (None, "p-office")
    assert first.correction_id == again.correction_id
    (kept,) = stored()
    assert kept.project_id == "p-home"
    assert np.frombuffer(kept.vector, np.float16).shape == (384,)
    assert Corrections("demo-feedback").revision("acme") == 2
    assert audited() == [("corrected", "ann"), ("corrected", "ann")]


def test_corrections_of_a_tenant_are_nobody_elses():
    teach(caller=person(tenant="acme"))
    assert stored("acme#") == stored("other") == []
    assert Corrections("demo-feedback").revision("other") == 0
    with pytest.raises(NotFoundError):
        remove_correction(person("eve", "other"), stored()[0].key, now=NOW)


def test_another_subject_or_author_is_another_document():
    keys = {teach(document={**MAIL, **change}).correction_id for change in ({}, {"subject": "x"}, {"author": "x"})}
    assert len(keys) == 3


def test_a_removed_correction_is_gone_with_its_text_and_counts_as_a_change():
    taught = teach()
    remove_correction(person("bob", role=Role.ANALYST), taught.correction_id, now=NOW)
    assert stored() == []
    assert Corrections("demo-feedback").revision("acme") == 2
    assert audited()[-1] == ("correction_removed", "bob")
    with pytest.raises(NotFoundError):
        texts.load("demo-data", texts.TEACHING, "acme", taught.correction_id)
    for nonsense in (taught.correction_id, "nonsense", "../" * 10):
        with pytest.raises(NotFoundError):
            remove_correction(person(), nonsense, now=NOW)


@pytest.mark.parametrize("at", ["keeping", "removing"])
def test_a_crash_beside_a_text_leaves_a_note_of_it(monkeypatch, at):
    def crash(*_, **__):
        raise KeyboardInterrupt

    kept = teach() if at == "removing" else None
    place, name, minutes = (texts, "remove", 2) if kept else (Corrections, "put", 16)
    act = partial(remove_correction, person(), kept.correction_id, now=NOW) if kept else teach
    with monkeypatch.context() as patch:
        patch.setattr(place, name, crash)
        with pytest.raises(KeyboardInterrupt):
            act()
    leftovers = Leftovers("demo-feedback", "demo-data")
    assert leftovers.due(now=NOW + timedelta(minutes=minutes - 1), most=9) == []
    (note,) = leftovers.due(now=NOW + timedelta(minutes=minutes), most=9)
    assert leftovers.settle(note)
    with pytest.raises(NotFoundError):
        texts.load("demo-data", texts.TEACHING, "acme", key_of(Document.model_validate(MAIL)))


def test_a_tenant_has_so_many_corrections_and_may_still_change_them(monkeypatch):
    monkeypatch.setattr(corrections_module, "MOST", 2)
    for number in range(2):
        teach(document={**MAIL, "subject": str(number)})
    with pytest.raises(ConflictError, match="remove some"):
        teach(document={**MAIL, "subject": "one too many"})
    assert teach("p-home", document={**MAIL, "subject": "0"}).replaced_project_id == "p-office"
    remove_correction(person(), stored()[0].key, now=NOW)
    teach(document={**MAIL, "subject": "now there is room"})


def test_corrections_are_listed_by_cursor_without_vectors():
    for number in range(5):
        teach(document={**MAIL, "subject": str(number)})
    first, place = list_corrections(person(), limit=3, position=None)
    rest, end = list_corrections(person(), limit=3, position=place)
    assert len({one.key for one in [*first, *rest]}) == 5
    assert end is None
    assert all(one.vector is None for one in first)
    assert list_corrections(person("eve", "other"), limit=3, position=place)[0] == []
    for forged in ({"sk": "STATE"}, {"pk": "acme", "sk": place["sk"]}, {"sk": ""}, {}):
        with pytest.raises(InvalidInputError):
            list_corrections(person(), limit=3, position=forged)


def test_a_colleagues_correction_is_theirs_or_an_analysts_to_see_and_change():
    taught = teach(caller=person("bea"))
    ann, boss = person("ann"), person("boss", role=Role.ANALYST)
    assert list_corrections(ann, limit=3, position=None)[0] == []
    with pytest.raises(ForbiddenError):
        teach("p-home", caller=ann)
    with pytest.raises(ForbiddenError):
        remove_correction(ann, taught.correction_id, now=NOW)
    assert [one.key for one in list_corrections(boss, limit=3, position=None)[0]] == [taught.correction_id]
    assert teach("p-home", caller=boss).replaced_project_id == "p-office"


def test_who_corrects_what_has_just_changed_is_told(monkeypatch):
    teach()
    before = Corrections("demo-feedback").find("acme", stored()[0].key)
    teach("p-home", now=NOW + timedelta(minutes=1))
    monkeypatch.setattr(Corrections, "find", lambda *_: before)
    with pytest.raises(ConflictError):
        teach("p-clinic", now=NOW + timedelta(minutes=2))
    with pytest.raises(ConflictError):
        remove_correction(person(), before.key, now=NOW)
    assert stored()[0].project_id == "p-home"


def test_a_page_that_a_filter_thins_out_goes_on_where_it_stopped():
    for number in range(7):
        owner = person("ann" if number % 3 == 0 else "bea")
        queued(owner, {**MAIL, "subject": str(number)}, NOW + timedelta(seconds=number))
    seen, place = [], None
    for _ in range(4):
        page, place = list_reviews(person("ann"), status=None, limit=1, position=place, now=NOW)
        seen += [one.subject for one in page]
        if place is None:
            break
    assert seen == ["0", "3", "6"]


def test_a_cursor_of_the_resolved_ones_is_no_way_into_the_open_ones():
    for number in range(3):
        key = queued(document={**MAIL, "subject": str(number)}, now=NOW + timedelta(seconds=number))
        resolve(key, ReviewResolution(project_id=""), BagEngine(), person(), now=NOW)
    _, place = list_reviews(person(), status="resolved", limit=1, position=None, now=NOW)
    assert list_reviews(person(), status=None, limit=5, position=place, now=NOW) == ([], None)


def test_a_document_waits_for_everybody_who_sent_it():
    key = queued(person("ann"))
    assert Reviews("demo-feedback").join("acme", key, "bea")
    assert claim_review(person("bea"), key, now=NOW).claimed_by == "bea"
    with pytest.raises(NotFoundError):
        claim_review(person("eve"), key, now=NOW)


def test_a_typing_error_closes_no_review():
    key = queued()
    with pytest.raises(InvalidInputError, match="not among"):
        resolve(key, ReviewResolution(project_id="p-ofice"), BagEngine(), person(), now=NOW)
    assert Reviews("demo-feedback").find("acme", key, owner=None).status(NOW) == "open"
    resolve(key, ReviewResolution(project_id=None), BagEngine(), person(), now=NOW)
    with pytest.raises(ConflictError, match="was resolved at"):
        resolve(key, ReviewResolution(project_id=""), BagEngine(), person(), now=NOW)


def test_only_one_person_holds_a_review_until_the_claim_ends():
    key = queued()
    boss, clerk = person("boss", role=Role.ANALYST), person("clerk", role=Role.ANALYST)
    assert claim_review(boss, key, now=NOW).claimed_by == "boss"
    with pytest.raises(ConflictError):
        claim_review(clerk, key, now=NOW)
    with pytest.raises(ConflictError):
        resolve(key, ReviewResolution(project_id="p-office"), BagEngine(), clerk, now=NOW)
    assert stored() == []
    later = NOW + timedelta(minutes=CLAIM_MINUTES)
    assert claim_review(clerk, key, now=later).claimed_by == "clerk"
    assert audited() == [("review_claimed", "boss"), ("review_claimed", "clerk")]


def test_a_review_is_resolved_once_and_teaches():
    key = queued()
    view = resolve(key, ReviewResolution(project_id="p-office"), BagEngine(), person(), now=NOW)
    assert (view.status, view.project_id, view.resolved_by) == ("resolved", "p-office", "ann")
    assert [(one.key, one.project_id) for one in stored()] == [(key, "p-office")]
    with pytest.raises(ConflictError):
        resolve(key, ReviewResolution(project_id="p-home"), BagEngine(), person(), now=NOW)
    assert stored()[0].project_id == "p-office"
    assert sorted(audited()) == [("corrected", "ann"), ("review_resolved", "ann")]


def test_feedback_on_a_document_ends_its_review_whoever_holds_it():
    key = queued()
    claim_review(person("boss", role=Role.ANALYST), key, now=NOW)
    teach("p-office")
    assert Reviews("demo-feedback").find("acme", key, owner=None).project_id == "p-office"


def test_users_see_what_they_sent_and_analysts_their_tenants_reviews():
    mine = queued(person("ann"))
    theirs = queued(person("bea"), {**MAIL, "subject": "Other"}, NOW + timedelta(seconds=1))
    queued(person("eve", "other"), {**MAIL, "subject": "Foreign"})

    def seen(caller, status=None):
        return [one.key for one in list_reviews(caller, status=status, limit=10, position=None, now=NOW)[0]]

    assert seen(person("ann")) == [mine]
    assert seen(person("boss", role=Role.ANALYST)) == [mine, theirs]
    claim_review(person("ann"), mine, now=NOW)
    assert seen(person("boss", role=Role.ANALYST), "claimed") == [mine]
    assert seen(person("boss", role=Role.ANALYST), "open") == [theirs]
    resolve(mine, ReviewResolution(project_id=""), BagEngine(), person("ann"), now=NOW)
    assert seen(person("boss", role=Role.ANALYST), "resolved") == [mine]
    assert seen(person("boss", role=Role.ANALYST)) == [theirs]
    for caller in (person("ann"), person("eve", "other")):
        with pytest.raises(NotFoundError):
            claim_review(caller, theirs, now=NOW)


def test_a_document_in_the_queue_keeps_its_place_and_a_resolved_one_opens_again():
    key = queued(now=NOW)
    queued(now=NOW + timedelta(hours=1))
    reviews = Reviews("demo-feedback")
    assert reviews.find("acme", key, owner=None).created_at == NOW.isoformat()
    teach("p-office")
    queued(now=NOW + timedelta(hours=2))
    assert reviews.find("acme", key, owner=None).status(NOW) == "open"


@pytest.mark.parametrize("code", ["NoSuchKey", "AccessDenied"])
def test_a_text_that_is_gone_is_not_found_with_or_without_the_right_to_list(monkeypatch, code):
    def refuse(**request):
        raise ClientError({"Error": {"Code": code}}, "GetObject")

    monkeypatch.setattr(clients.s3(), "get_object", refuse)
    with pytest.raises(NotFoundError, match="no longer stored"):
        texts.load("demo-data", texts.UNDER_REVIEW, "acme", "gone")
