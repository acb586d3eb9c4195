from datetime import UTC, date, datetime

import pytest

from besunny.inference.contracts.project_onboarding import ProjectOnboardingAnswer, Stakeholder
from besunny.inference.engines.embedded import embedded_engine
from besunny.inference.project_onboarding.people import stakeholder
from besunny.inference.project_onboarding.timing import day_of, duration, priority
from besunny.inference.run import run

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TODAY = NOW.date()
WATCH = {
    "project_name": "Alpine Watch Commercial",
    "overview": "A TV commercial for the Alpine watch, shot by drone in the Swiss mountains with a climber. "
    "Post-production takes 3 weeks. The budget is 80,000 EUR. Anna Keller of Alpine Watches AG decides.",
    "keywords": "watch, climber",
    "deliverables": ["30s spot", "social teaser"],
    "contacts": [{"name": "Tom Berger", "role": "producer", "email": "tom@alpine.example"}],
    "shoot_date": "12 March 2026",
    "location": "Zermatt",
}
BILLING = {"project_name": "Billing", "overview": "Move billing from the monolith to AWS Lambda. No rush."}


def onboard(fields: dict[str, object]) -> ProjectOnboardingAnswer:
    answer = run("project_onboarding", fields, engine=embedded_engine(), now=NOW)
    assert isinstance(answer, ProjectOnboardingAnswer)
    return answer


def test_the_profile_follows_from_the_fields() -> None:
    answer = onboard(WATCH)
    assert (answer.title, answer.category, answer.priority) == ("Alpine Watch Commercial", "creative", "high")
    assert answer.description == WATCH["overview"]
    assert answer.tags[:2] == ["watch", "climber"]
    assert answer.estimated_duration is not None
    assert answer.estimated_duration.value == "3 weeks"
    assert [person.name for person in answer.stakeholders] == ["Tom Berger", "Anna Keller"]
    assert answer.entity_patterns.email_domains == ["alpine.example"]
    assert answer.entity_patterns.locations == ["Zermatt"]
    assert "video production" in [skill.text for skill in answer.required_skills]


def test_another_project_gets_another_profile() -> None:
    answer = onboard(BILLING)
    assert (answer.category, answer.priority, answer.complexity) == ("technical", "low", "low")
    assert answer.estimated_duration is None
    assert answer.stakeholders == []
    assert answer.confidence_score < onboard(WATCH).confidence_score


def test_each_suggestion_cites_a_word_or_an_empty_field_of_the_input() -> None:
    for fields in (WATCH, BILLING):
        answer = onboard(fields)
        given = " ".join(str(value) for value in fields.values()).lower()
        for suggestion in (*answer.required_skills, *answer.risks, *answer.success_metrics):
            cited = [part.split("”")[0] for part in suggestion.reason.split("“")[1:]]
            empty = suggestion.reason.endswith(("is empty", "are listed"))
            assert empty or (cited and all(word in given for word in cited)), suggestion


def test_recommendations_ask_for_what_is_missing_and_for_nothing_else() -> None:
    assert [suggestion.reason for suggestion in onboard(WATCH).recommendations] == ["documents is empty"]
    asked = {suggestion.reason for suggestion in onboard(BILLING).recommendations}
    assert {"deliverables is empty", "contacts is empty", "shoot_date is empty"} <= asked


def test_a_past_date_is_a_risk() -> None:
    risks = [risk.text for risk in onboard({**WATCH, "shoot_date": "2026-02-01"}).risks]
    assert risks[0] == "The date has passed"
    assert "The date has passed" not in [risk.text for risk in onboard(WATCH).risks]


def test_documents_feed_the_keywords() -> None:
    documents = ["The helicopter permit is pending. The helicopter is booked."]
    assert "helicopter" in onboard({**WATCH, "documents": documents}).keywords
    assert "helicopter" not in onboard(WATCH).keywords


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-03-12", date(2026, 3, 12)),
        ("2026-03-12T09:00:00Z", date(2026, 3, 12)),
        ("March 12th, 2026", date(2026, 3, 12)),
        ("Thursday, 12 March 2026", date(2026, 3, 12)),
        ("12.3.2026", date(2026, 3, 12)),
        ("3/12/2026", None),  # the third of December, or the twelfth of March
        ("next spring", None),
        ("", None),
    ],
)
def test_a_day_is_read_only_where_it_is_one_day(written: str, day: date | None) -> None:
    assert day_of(written) == day


@pytest.mark.parametrize(
    ("text", "due", "expected"),
    [
        ("Please do it ASAP", None, "urgent"),
        ("There is no rush, though others are urgent", None, "low"),
        ("A film", date(2026, 3, 3), "urgent"),
        ("A film", date(2026, 3, 15), "high"),
        ("A film", date(2026, 3, 16), "normal"),
        ("A film", date(2026, 2, 1), "normal"),
    ],
)
def test_priority(text: str, due: date | None, expected: str) -> None:
    assert priority(text, due, TODAY)[0] == expected


@pytest.mark.parametrize(
    ("text", "due", "expected"),
    [
        ("It takes 2-3 weeks", None, "2-3 weeks"),
        ("It takes six months", date(2026, 3, 8), "six months"),
        ("Founded 20 years ago", date(2026, 3, 8), "7 days"),
        ("A film", date(2026, 3, 29), "4 weeks"),
        ("A film", None, None),
    ],
)
def test_duration(text: str, due: date | None, expected: str | None) -> None:
    found = duration(text, due, TODAY)
    assert (found.value if found else None) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (
            "Tom Berger (producer) <tom@a.example>",
            Stakeholder(name="Tom Berger", role="producer", email="tom@a.example"),
        ),
        ("Ann Lee, client", Stakeholder(name="Ann Lee", role="client")),
        ("ann@a.example", Stakeholder(name="ann@a.example", email="ann@a.example")),
        ("Ann", Stakeholder(name="Ann")),
    ],
)
def test_a_contact_as_written(written: str, expected: Stakeholder) -> None:
    assert stakeholder(written) == expected


def test_a_brief_in_another_language_is_noted() -> None:
    (note,) = onboard({"project_name": "Uhren", "overview": "Wir drehen einen Film für die neue Uhr."}).notes
    assert "`de`" in note
    assert onboard(WATCH).notes == []
