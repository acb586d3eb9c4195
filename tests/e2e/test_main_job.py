"""The main job: work goes in over HTTP and comes out done, for anyone, on any input, whatever dies meanwhile."""

import uuid

import pytest

from tests.e2e.client import WORKFLOWS, Client, until
from tests.e2e.samples import BRIDGE_MAIL, CLINIC_MAIL, PROJECTS, STANDUP, UNRELATED, real_meeting

pytestmark = pytest.mark.e2e


@pytest.fixture
def tenant():
    return f"tenant-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def alice(stack, tenant):
    return Client(stack.api_url, stack.token(role="user", sub="alice", tenant=tenant))


@pytest.fixture
def bob(stack, tenant):
    return Client(stack.api_url, stack.token(role="user", sub="bob", tenant=tenant))


@pytest.fixture
def analyst(stack, tenant):
    return Client(stack.api_url, stack.token(role="analyst", sub="carol", tenant=tenant))


@pytest.fixture
def stranger(stack):
    return Client(stack.api_url, stack.token(role="admin", sub="mallory", tenant=f"other-{uuid.uuid4().hex[:8]}"))


def quotes_stand(meeting, found):
    """Each quote is in the segment that it names, said by whom it says."""
    for entry in [*found["action_items"], *found["decisions_made"]]:
        segment = meeting["segments"][entry["segment_index"]]
        assert entry["quote"] in segment["text"]
        assert entry["speaker"] == segment["speaker"]


def test_classification_follows_from_the_document(alice):
    bridge = alice.run("classification", {"document": BRIDGE_MAIL, "projects": PROJECTS})
    clinic = alice.run("classification", {**CLINIC_MAIL, "projects": PROJECTS})
    bread = alice.run("classification", {"document": UNRELATED, "projects": PROJECTS})
    assert [view["status"] for view in (bridge, clinic, bread)] == ["completed"] * 3
    assert bridge["result"]["project_id"] == "p-harbour"
    assert clinic["result"]["project_id"] == "p-vaccine"
    assert bread["result"]["unclassified"] is True
    assert bread["result"]["project_id"] == ""
    text = BRIDGE_MAIL["content_text"]
    for span in bridge["result"]["evidence"]:
        assert text[span["start"] : span["end"]] == span["text"]


def test_a_hybrid_of_a_real_meeting(alice):
    meeting = real_meeting()
    view = alice.run("hybrid", {**meeting, "projects": PROJECTS}, within=120)
    assert view["status"] == "completed", view["errors"]
    result = view["result"]
    assert {"classification", "meeting_intelligence", "embeddings", "combined"} <= result.keys()
    assert result["classification"]["project_id"] == "p-remote"
    assert set(view["services_used"]) == {"classification", "meeting_intelligence", "embeddings"}
    quotes_stand(meeting, result["meeting_intelligence"])
    assert result["meeting_intelligence"]["coverage"]["share"] == 1


def test_a_second_meeting_is_another_meeting(alice):
    view = alice.run("meeting_intelligence", STANDUP)
    result = view["result"]
    quotes_stand(STANDUP, result)
    due = {item["assignee"]: item["due_date"] for item in result["action_items"]}
    assert due.get("Jamal") in ("2026-05-08", "2026-05-05")
    assert any("20 May" in decision["quote"] for decision in result["decisions_made"])


@pytest.mark.parametrize(
    ("workflow_type", "input_data", "proof"),
    [
        ("embedding", {"text": "A short note."}, lambda result: len(result["chunks"][0]["embedding"]) == 384),
        (
            "project_onboarding",
            {
                "project_name": "Museum film",
                "overview": "A ten-minute film on the maritime museum",
                "location": "Bergen",
            },
            lambda result: "Museum film" in result["title"],
        ),
    ],
)
def test_the_other_types(alice, workflow_type, input_data, proof):
    view = alice.run(workflow_type, input_data)
    assert view["status"] == "completed", view
    assert proof(view["result"])


def test_waiting_for_the_answer(alice):
    response = alice.post(
        WORKFLOWS,
        {"workflow_type": "classification", "input_data": {"document": BRIDGE_MAIL, "projects": PROJECTS}},
        headers={"Prefer": "wait=20"},
    )
    assert response.status_code == 200
    assert response.json()["status"] == "completed"


def test_without_waiting_the_answer_says_where_to_look(alice):
    response = alice.post(WORKFLOWS, {"workflow_type": "embedding", "input_data": {"text": f"note {uuid.uuid4()}"}})
    assert response.status_code == 202
    view = alice.get(response.headers["Location"])
    assert view.status_code == 200
    assert view.json()["workflow_id"] == response.json()["workflow_id"]


def test_a_retry_with_the_same_key_is_the_same_workflow(alice, bob):
    key = {"Idempotency-Key": str(uuid.uuid4())}
    body = {"workflow_type": "embedding", "input_data": {"text": f"once {uuid.uuid4()}"}}
    first, second = (alice.post(WORKFLOWS, body, headers=key).json()["workflow_id"] for _ in range(2))
    assert first == second
    other = {"workflow_type": "embedding", "input_data": {"text": "something else"}}
    assert alice.post(WORKFLOWS, other, headers=key).status_code == 422
    assert bob.post(WORKFLOWS, body, headers=key).json()["workflow_id"] != first


def test_the_same_work_within_the_hour_comes_from_the_cache(alice, bob, stranger):
    work = {"workflow_type": "classification", "input_data": {"document": CLINIC_MAIL, "projects": PROJECTS}}
    first = alice.run(**work)
    again = bob.post(WORKFLOWS, work)
    assert again.status_code == 200
    assert again.json()["cached"] is True
    assert again.json()["result"]["project_id"] == first["result"]["project_id"]
    assert stranger.post(WORKFLOWS, work).json()["cached"] is False


def test_own_work_and_nobody_elses(alice, bob, analyst, stranger):
    mine = alice.run("embedding", {"text": f"mine {uuid.uuid4()}"})["workflow_id"]
    assert bob.get(f"{WORKFLOWS}/{mine}/status").status_code == 404
    assert stranger.get(f"{WORKFLOWS}/{mine}/status").status_code == 404
    assert stranger.call("DELETE", f"{WORKFLOWS}/{mine}").status_code == 404
    assert analyst.status(mine)["workflow_id"] == mine
    assert mine in [entry["workflow_id"] for entry in alice.get(WORKFLOWS).json()["workflows"]]
    assert mine not in [entry["workflow_id"] for entry in bob.get(WORKFLOWS).json()["workflows"]]


def test_the_list_goes_page_by_page_newest_first(alice):
    ids = [alice.submit("embedding", {"text": f"{n} {uuid.uuid4()}"})["workflow_id"] for n in range(5)]
    seen, cursor = [], None
    while True:
        query = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        page = alice.get(WORKFLOWS, params=query).json()
        seen += [entry["workflow_id"] for entry in page["workflows"]]
        cursor = page.get("next_cursor")
        if not cursor:
            break
    assert seen == ids[::-1]


def test_cancelled_work_stays_cancelled(alice):
    large = {"texts": [f"Paragraph {n}: {uuid.uuid4()} and more words to read. " * 40 for n in range(60)]}
    workflow_id = alice.submit("embedding", large)["workflow_id"]
    cancelled = alice.call("DELETE", f"{WORKFLOWS}/{workflow_id}")
    assert cancelled.status_code == 200, cancelled.text
    assert cancelled.json()["status"] == "cancelled"
    assert alice.call("DELETE", f"{WORKFLOWS}/{workflow_id}").status_code == 409
    after = alice.run("embedding", {"text": f"after {uuid.uuid4()}"})
    assert after["status"] == "completed"
    view = alice.status(workflow_id)
    assert (view["status"], view.get("result")) == ("cancelled", None)


def test_a_batch_gives_each_item_its_own_result(alice):
    items = [
        {"workflow_type": "classification", "input_data": {"document": BRIDGE_MAIL, "projects": PROJECTS}},
        {"workflow_type": "classification", "input_data": {"document": CLINIC_MAIL, "projects": PROJECTS}},
        {"workflow_type": "embedding", "input_data": {"text": "a note"}},
    ]
    response = alice.post(f"{WORKFLOWS}/batch", items)
    assert response.status_code == 202, response.text
    batch_id = response.json()["batch_id"]
    assert response.json()["total_workflows"] == 3
    view = alice.ended(batch_id, within=120)
    assert view["status"] == "completed", view
    assert view["progress"] == {"total": 3, "done": 3, "failed": 0, "cancelled": 0}
    page = alice.get(f"{WORKFLOWS}/{batch_id}/items").json()
    projects = [entry["result"].get("project_id") for entry in page["items"]]
    assert projects == ["p-harbour", "p-vaccine", None]


def test_status_is_right_after_every_function_was_killed(stack, alice):
    before = alice.run("classification", {"document": BRIDGE_MAIL, "projects": PROJECTS})
    stack.kill_functions()
    assert alice.status(before["workflow_id"])["result"] == before["result"]
    assert alice.run("embedding", {"text": f"still here {uuid.uuid4()}"})["status"] == "completed"


def test_the_stack_comes_back_with_its_data_after_kill_9(stack, alice):
    before = alice.run("classification", {"document": CLINIC_MAIL, "projects": PROJECTS})
    stack.settle_to_disk()
    stack.restart(kill=True)
    after = Client(stack.api_url, alice.token)
    assert after.status(before["workflow_id"])["result"] == before["result"]
    assert after.run("embedding", {"text": f"after the restart {uuid.uuid4()}"})["status"] == "completed"


def test_five_megabytes_are_read_to_the_end(alice):
    turn = "Ines: The harbour bridge needs new girders and the scaffolding stays until spring, number {n}.\n"
    text = "".join(turn.format(n=n % 400) for n in range(55_000))[: 5 * 1024 * 1024 - 200]
    text += "\nJamal: I will order the very last girder by Friday."
    view = alice.run("hybrid", {"transcript": text, "projects": PROJECTS}, within=420)
    assert view["status"] == "completed", view["errors"]
    for answer in (view["result"]["classification"], view["result"]["meeting_intelligence"]):
        assert answer["coverage"]["share"] == 1
    assert any("last girder" in item["quote"] for item in view["result"]["meeting_intelligence"]["action_items"])


def test_the_services_answer_directly(alice):
    body = {"document": BRIDGE_MAIL, "projects": PROJECTS}
    direct = alice.post("/v1/ai-services/classification", body)
    assert direct.status_code == 200, direct.text
    assert direct.json()["project_id"] == "p-harbour"
    meeting = alice.post("/v1/ai-services/meeting-intelligence", STANDUP)
    assert meeting.status_code == 200, meeting.text
    quotes_stand(STANDUP, meeting.json())


def test_what_can_be_asked_and_how_the_services_are(alice, analyst):
    types = alice.get(f"{WORKFLOWS}/types")
    assert types.status_code == 200
    assert "hybrid" in types.text
    alice.run("embedding", {"text": f"measured {uuid.uuid4()}"})
    health = alice.get("/v1/ai-orchestration/services/health").json()
    service = (health.get("services") or health)["embeddings"]
    assert service["status"] == "healthy"
    assert service["response_time_ms"] > 0
    advice = until(
        lambda: analyst.post(f"{WORKFLOWS}/optimize", {}), lambda answer: answer.status_code == 200, within=10
    ).json()
    assert "recommendations" in advice
