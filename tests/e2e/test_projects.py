"""Stored projects over HTTP: what onboarding saves, classification chooses from, until it is removed."""

import uuid

import pytest

from tests.e2e.client import Client
from tests.e2e.samples import BRIDGE_MAIL, CLINIC_MAIL

pytestmark = pytest.mark.e2e

SERVICES = "/v1/ai-services"
BRIDGE = {
    "project_name": "Harbour bridge renovation",
    "overview": "Structural repair and repainting of the harbour bridge: steelwork, scaffolding, permits.",
    "keywords": "girder, corrosion, scaffolding, lane closure",
}
VACCINE = {
    "project_name": "Vaccine awareness campaign",
    "overview": "Public health campaign for the autumn flu vaccine: posters, radio spots, clinics, nurses.",
    "keywords": ["flu", "vaccine", "clinic", "nurse"],
}


@pytest.fixture
def tenant():
    return f"t-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def alice(stack, tenant):
    return Client(stack.api_url, stack.token(role="user", sub="alice", tenant=tenant))


def ok(response):
    assert response.status_code == 200, response.text
    return response.json()


def classify(client, document):
    return ok(client.post(f"{SERVICES}/classification", {"document": document}))


def test_a_saved_project_is_chosen_at_once_and_a_removed_one_never(stack, alice, tenant):
    bridge = ok(alice.post(f"{SERVICES}/project-onboarding", {**BRIDGE, "save": True}))
    view = alice.run("project_onboarding", {**VACCINE, "save": True})
    assert view["status"] == "completed", view["errors"]
    assert (bridge["saved"], view["result"]["saved"]) == ("created", "created")
    assert classify(alice, BRIDGE_MAIL)["project_id"] == bridge["project_id"]
    assert classify(alice, CLINIC_MAIL)["project_id"] == view["result"]["project_id"]
    assert alice.run("classification", BRIDGE_MAIL)["result"]["project_id"] == bridge["project_id"]

    again = alice.run("project_onboarding", {**VACCINE, "save": True})
    assert (again["cached"], again["result"]["saved"]) == (False, "replaced")
    listed = ok(alice.get(f"{SERVICES}/projects"))["projects"]
    assert {project["id"] for project in listed} == {bridge["project_id"], view["result"]["project_id"]}

    address = f"{SERVICES}/projects/{bridge['project_id']}"
    assert ok(alice.get(address))["project"]["name"] == BRIDGE["project_name"]
    bob = Client(stack.api_url, stack.token(role="user", sub="bob", tenant=tenant))
    stranger = Client(stack.api_url, stack.token(role="admin", sub="alice", tenant=f"{tenant}-other"))
    assert bob.call("DELETE", address).status_code == 403
    assert stranger.call("DELETE", address).status_code == 404
    assert stranger.get(f"{SERVICES}/projects").json()["projects"] == []
    assert ok(alice.call("DELETE", address))["deleted"] is True
    assert alice.get(address).status_code == 404
    assert classify(alice, BRIDGE_MAIL)["unclassified"] is True


def test_a_project_is_put_and_replaced(alice):
    address = f"{SERVICES}/projects/p-1"
    body = {"name": BRIDGE["project_name"], "keywords": ["girder"], "examples": [BRIDGE_MAIL["content_text"]]}
    assert ok(alice.call("PUT", address, json=body))["created"] is True
    assert classify(alice, {**BRIDGE_MAIL, "subject": "Once more"})["project_id"] == "p-1"
    assert ok(alice.call("PUT", address, json={**body, "status": "archived"}))["created"] is False
    assert classify(alice, BRIDGE_MAIL)["unclassified"] is True
    wrong = alice.call("PUT", address, json={"keywords": ["girder"]})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "name")


def test_what_is_indexed_of_a_project_feeds_its_profile(alice):
    text = "The heliostat of Keller Optik AG is late. The heliostat must be aligned."
    for name in ("one", "two"):
        body = {"document_id": name, "project_id": "p-sun", "text": f"{text} ({name})"}
        ok(alice.post(f"{SERVICES}/embeddings/index", body))
    wizard = {"project_name": "Solar field", "overview": "Mirrors for the tower.", "project_id": "p-sun"}
    profile = ok(alice.post(f"{SERVICES}/project-onboarding", wizard))
    assert profile["documents_read"] == 2
    assert "heliostat" in " ".join(profile["keywords"])
    assert "Keller Optik AG" in profile["entity_patterns"]["organizations"]
