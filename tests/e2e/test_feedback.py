"""Corrections teach, over HTTP: used at once, kept per tenant, removable; doubtful documents wait for a person."""

import uuid

import pytest

from tests.e2e.client import Client

pytestmark = pytest.mark.e2e

CLASSIFICATION = "/v1/ai-services/classification"
PROJECTS = [
    {"id": "p-clinic", "name": "Clinic opening", "description": "Opening of the new dental clinic: rooms, permits."},
    {"id": "p-office", "name": "Office running", "description": "Rent, cleaning and supplies of our office."},
]
TEXT = "Grandmother says that the lasagne needs more nutmeg, and less salt. Greetings, Oskar"
ALIKE = "Oskar here: grandmother wants less salt and much more nutmeg in the lasagne."


@pytest.fixture
def tenant():
    return f"feedback-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def user(stack, tenant):
    return Client(stack.api_url, stack.token(role="user", sub="ann", tenant=tenant))


def document(text=TEXT):
    return {"type": "email", "subject": "Lasagne", "author": "oskar@home.example", "content_text": text}


def classified(client, text=TEXT, projects=PROJECTS):
    response = client.post(CLASSIFICATION, {"document": document(text), "projects": projects})
    assert response.status_code == 200, response.text
    return response.json()


def share_of(answer, project_id):
    shares = {one["project_id"]: one["confidence"] for one in answer["alternatives"]}
    return answer["confidence"] if answer["project_id"] == project_id else shares.get(project_id, 0.0)


def test_a_correction_decides_its_document_and_leans_on_those_like_it(user):
    before = classified(user, ALIKE)
    taught = user.post(f"{CLASSIFICATION}/feedback", {"document": document(), "project_id": "p-office"})
    assert taught.status_code == 200, taught.text
    same = classified(user)
    assert (same["project_id"], same["classification_source"], same["needs_review"]) == ("p-office", "user", False)
    alike = classified(user, ALIKE)
    assert alike["classification_source"] == "ai"
    assert share_of(alike, "p-office") > share_of(before, "p-office") + 0.1


def test_nobody_else_learns_from_it(stack, user):
    stranger = Client(stack.api_url, stack.token(role="user", sub="eve", tenant=f"other-{uuid.uuid4().hex[:8]}"))
    before = classified(stranger)
    user.post(f"{CLASSIFICATION}/feedback", {"document": document(), "project_id": "p-office"})
    after = classified(stranger)
    assert (after["project_id"], after["confidence"]) == (before["project_id"], before["confidence"])
    assert stranger.get(f"{CLASSIFICATION}/feedback").json()["corrections"] == []


def test_a_removed_correction_is_followed_no_more(user):
    before = classified(user)
    taught = user.post(f"{CLASSIFICATION}/feedback", {"document": document(), "project_id": "p-clinic"}).json()
    assert classified(user)["project_id"] == "p-clinic"
    removed = user.call("DELETE", f"{CLASSIFICATION}/feedback/{taught['correction_id']}")
    assert removed.status_code == 200, removed.text
    after = classified(user)
    assert (after["project_id"], after["confidence"]) == (before["project_id"], before["confidence"])
    assert user.call("DELETE", f"{CLASSIFICATION}/feedback/{taught['correction_id']}").status_code == 404


def test_a_document_that_belongs_nowhere_is_said_to(user):
    user.post(f"{CLASSIFICATION}/feedback", {"document": document(), "project_id": ""})
    told = classified(user)
    assert (told["unclassified"], told["classification_source"], told["needs_review"]) == (True, "user", False)


def test_a_workflow_follows_a_correction_at_once_whatever_is_cached(user):
    work = {"document": document(), "projects": PROJECTS}
    first = user.run("classification", work)
    assert user.run("classification", work)["cached"] is True
    user.post(f"{CLASSIFICATION}/feedback", {"document": document(), "project_id": "p-office"})
    second = user.run("classification", work)
    assert second["cached"] is False
    assert first["result"]["classification_source"] == "ai"
    assert second["result"]["classification_source"] == "user"
    assert second["result"]["project_id"] == "p-office"


def test_a_doubtful_document_waits_is_claimed_by_one_and_resolved_once(stack, user, tenant):
    answer = classified(user)
    assert answer["needs_review"]
    review = f"{CLASSIFICATION}/reviews/{answer['review_id']}"
    (waiting,) = user.get(f"{CLASSIFICATION}/reviews").json()["reviews"]
    assert (waiting["review_id"], waiting["status"], waiting["subject"]) == (answer["review_id"], "open", "Lasagne")
    colleague = Client(stack.api_url, stack.token(role="user", sub="bea", tenant=tenant))
    assert colleague.get(f"{CLASSIFICATION}/reviews").json()["reviews"] == []
    assert colleague.post(f"{review}/claim").status_code == 404
    boss = Client(stack.api_url, stack.token(role="analyst", sub="boss", tenant=tenant))
    assert boss.post(f"{review}/claim").json()["claimed_by"] == "boss"
    assert user.post(f"{review}/claim").status_code == 409
    assert user.post(f"{review}/resolve", {"project_id": "p-office"}).status_code == 409
    resolved = boss.post(f"{review}/resolve", {"project_id": "p-office"})
    assert resolved.json()["status"] == "resolved"
    assert boss.post(f"{review}/resolve", {"project_id": "p-clinic"}).status_code == 409
    assert boss.get(f"{CLASSIFICATION}/reviews").json()["reviews"] == []
    assert classified(user)["project_id"] == "p-office"


def test_wrong_feedback_names_the_field(user):
    for body, field in (
        ({"document": document()}, "project_id"),
        ({"project_id": "p"}, "content_text"),
        ({"project_id": "p", "document": document(), "nte": "?"}, "nte"),
    ):
        response = user.post(f"{CLASSIFICATION}/feedback", body)
        assert response.status_code == 422
        assert field in [error["field"] for error in response.json()["errors"]]
