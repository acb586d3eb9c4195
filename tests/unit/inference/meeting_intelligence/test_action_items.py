"""Who will do what, by when: wordings that are action items, and wordings that are not."""

import pytest

from tests.unit.inference.meeting_intelligence.meetings import analysis_of

LISTENERS = ("Bob Lee: Hello from Bob.", "Carla Diaz: Hello from Carla.")


@pytest.mark.parametrize(
    ("said", "assignee", "due"),
    [
        ("I'll send the proposal to the client by Friday.", "Anna", "2026-05-22"),
        ("I will prepare the slides for the board.", "Anna", None),
        ("Um, so I 'll uh send the the proposal to the client tomorrow .", "Anna", "2026-05-19"),
        ("Bob will update the budget sheet next week.", "Bob Lee", "2026-05-29"),
        ("Bob, can you review the contract before June 3?", "Bob Lee", "2026-06-03"),
        ("Can you review the contract with legal, Carla?", "Carla Diaz", None),
        ("Carla Diaz needs to book the flights.", "Carla Diaz", None),
        ("Could you please check the numbers again?", None, None),
        ("Please send the invoice to the vendor by 2026-07-01.", None, "2026-07-01"),
        ("We need to fix the login bug before the release.", None, None),
        ("Action item: update the security documentation.", None, None),
    ],
)
def test_promises_requests_and_assignments(said: str, assignee: str | None, due: str | None) -> None:
    items = analysis_of(f"Anna: {said}", *LISTENERS).action_items
    assert [(item.assignee, str(item.due_date) if item.due_date else None) for item in items] == [(assignee, due)]
    assert items[0].quote == said
    assert items[0].speaker == "Anna"
    assert 0.5 <= items[0].confidence_score < 1


@pytest.mark.parametrize(
    "said",
    [
        "I'll say that the weather was nice.",
        "I think you will like it.",
        "Let me see what is on the next slide.",
        "I sent the proposal to the client yesterday.",
        "If I could, I would send it tomorrow.",
        "I could send the proposal to the client if you want.",
        "I won't send the proposal to the client.",
        "Should we send the proposal to the client?",
        "You have to press the button to change channels.",
        "The reports were written by Bob.",
    ],
)
def test_what_is_no_action_item(said: str) -> None:
    assert analysis_of(f"Anna: {said}", *LISTENERS).action_items == []


def test_an_assignment_beside_a_task_of_all_is_an_item_of_its_own() -> None:
    items = analysis_of("Anna: We need to fix the login bug and Bob will update the client.", *LISTENERS).action_items
    assert [item.assignee for item in items] == [None, "Bob Lee"]


def test_two_promises_in_one_sentence_are_two_items() -> None:
    items = analysis_of(
        "Anna: Bob will run the load test next week, and I'll book the test devices.", *LISTENERS
    ).action_items
    assert [(i.assignee, str(i.due_date)) for i in items] == [("Bob Lee", "2026-05-29"), ("Anna", "None")]


def test_who_takes_it_on_gets_it_and_makes_it_surer() -> None:
    alone = analysis_of("Anna: We need to call the vendor about the contract.", *LISTENERS).action_items[0]
    taken = analysis_of("Anna: We need to call the vendor about the contract.", "Bob Lee: I'll take that.", *LISTENERS)
    assert alone.assignee is None
    assert taken.action_items[0].assignee == "Bob Lee"
    assert taken.action_items[0].confidence_score > alone.confidence_score


def test_evidence_adds_up_in_the_confidence() -> None:
    weak, plain, strong = (
        analysis_of(f"Anna: {said}", *LISTENERS).action_items[0].confidence_score
        for said in (
            "Maybe I'll send the report to the client.",
            "I'll send the report to the client.",
            "I'll send the report to the client by Friday.",
        )
    )
    assert weak < plain < strong


def test_relative_dates_stay_null_without_the_meetings_date() -> None:
    lines = ("Anna: I'll send the report by Friday.", "Anna: I'll send the contract by 2026-07-01.")
    dates = [item.due_date for item in analysis_of(*lines, meeting_date=None).action_items]
    assert [str(day) if day else None for day in dates] == [None, "2026-07-01"]


def test_a_promise_by_nobody_known_is_nobodys() -> None:
    items = analysis_of("I'll send the report to the client.", meeting_date=None).action_items
    assert [item.assignee for item in items] == [None]


@pytest.mark.parametrize(
    ("participants", "assignee"), [(["Anna Smith", "Eva Jones"], "Anna Smith"), (["Anna Smith", "Anna Jones"], None)]
)
def test_a_first_name_of_two_people_names_neither(participants: list[str], assignee: str | None) -> None:
    said = "Eve: Action item: Anna will send the report to the client by Friday."
    items = analysis_of(said, participants=participants).action_items
    assert [item.assignee for item in items] == [assignee]


def test_a_role_is_named_only_by_all_of_it() -> None:
    lines = ("Industrial Designer: hello", "Chair: Action item: the {} will prepare the concept drawings.")
    whole, other = (
        analysis_of(lines[0], lines[1].format(role)).action_items
        for role in ("Industrial Designer", "Interface Designer")
    )
    assert [item.assignee for item in whole] == ["Industrial Designer"]
    assert [item.assignee for item in other] == [None]


@pytest.mark.parametrize(
    ("said", "priority"),
    [
        ("I'll fix the login bug, it's urgent.", "urgent"),
        ("I'll fix the login bug tomorrow.", "high"),
        ("I'll fix the login bug in two weeks.", "normal"),
        ("I'll fix the login bug at some point.", "low"),
    ],
)
def test_priority_is_what_was_said_of_it(said: str, priority: str) -> None:
    assert [item.priority for item in analysis_of(f"Anna: {said}").action_items] == [priority]


def test_the_same_promise_twice_counts_once() -> None:
    assert len(analysis_of(*["Anna: I'll send the report to the client."] * 3).action_items) == 1
