"""Words of time and the day they mean, seen from a Monday."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from besunny.inference.meeting_intelligence.due_dates import due

MONDAY = date(2026, 5, 18)


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("by Friday", "2026-05-22"),
        ("on Monday", "2026-05-25"),
        ("next Monday", "2026-05-25"),
        ("tomorrow", "2026-05-19"),
        ("the day after tomorrow", "2026-05-20"),
        ("this week", "2026-05-22"),
        ("next week", "2026-05-29"),
        ("by the end of the week", "2026-05-22"),
        ("by the end of the day", "2026-05-18"),
        ("by EOD", "2026-05-18"),
        ("end of the month", "2026-05-31"),
        ("next month", "2026-06-30"),
        ("end of this quarter", "2026-06-30"),
        ("in two weeks", "2026-06-01"),
        ("within the next 3 days", "2026-05-21"),
        ("in a month", "2026-06-18"),
        ("March 3rd", "2027-03-03"),
        ("on 3 June", "2026-06-03"),
        ("May 20, 2027", "2027-05-20"),
        ("by the 15th", "2026-06-15"),
        ("by the 20th", "2026-05-20"),
        ("2026-07-01", "2026-07-01"),
        ("within 72 hours", "2026-05-21"),
        ("in ten days", "2026-05-28"),
        ("in five working days", "2026-05-25"),
        ("three weeks from now", "2026-06-08"),
        ("in a fortnight", "2026-06-01"),
        ("by the second of October", "2026-10-02"),
        ("on July twenty-first", "2026-07-21"),
        ("before the 28th", "2026-05-28"),
        ("until the third of next month", "2026-06-03"),
        ("by the end of Q2", "2026-06-30"),
        ("at the end of the third quarter", "2026-09-30"),
        ("by the end of October", "2026-10-31"),
        ("the week after next", "2026-06-05"),
        ("by the coming Thursday", "2026-05-21"),
        ("by Christmas", "2026-12-25"),
        ("before New Year's Eve", "2026-12-30"),
        ("by 21.08.2026", "2026-08-21"),
        ("by 7/23", "2026-07-23"),
        ("before 30/11/2026", "2026-11-30"),
        ("Thursday", "2026-05-21"),
        ("Tuesday morning", "2026-05-19"),
    ],
)
def test_words_mean_days(said: str, day: str) -> None:
    found = due(f"I will do it {said}, I promise", MONDAY)
    assert found is not None
    assert str(found.day) == day


@pytest.mark.parametrize("said", ["since last Friday", "at the end of the day", "I may do it", "two weeks ago", "soon"])
def test_these_are_no_due_dates(said: str) -> None:
    assert due(said, MONDAY) is None


def test_a_day_that_does_not_exist_is_said_but_null() -> None:
    found = due("by February 30", MONDAY)
    assert found is not None
    assert (found.said, found.day) == ("by February 30", None)


@pytest.mark.parametrize(
    "said",
    [
        "by 7/8",
        "by Easter",
        "by July",
        "by Q4",
        "by mid-July",
        "early next week",
        "at the beginning of next month",
        "by the end of next year",
        "Monday week",
        "by the weekend",
        "within 5 hours",
        "by May 2",
        "by the end of April",
    ],
)
def test_what_the_words_alone_do_not_settle_is_said_but_null(said: str) -> None:
    found = due(f"I will do it {said}, I promise", MONDAY)
    assert found is not None
    assert found.day is None
    assert found.said in said


@pytest.mark.parametrize(
    "text",
    [
        "I'll restore the files that Bob deleted on Tuesday.",
        "I'll look into the defect you noticed on Thursday.",
        "I'll explain to the auditors what went wrong on June 2.",
        "I'll answer the ticket opened on Friday.",
        "I'll write up the breach of June 9.",
        "I'll document the power failure on June 1 for the insurer.",
        "I'll print the badges for the conference on Thursday.",
        "I'll share the recording of Wednesday's training.",
        "I'll repaint the wall on the 3rd floor.",
        "I'll buy the film before the 2nd shoot.",
        "I'll clean the room we use every Friday.",
        "I'll update version 3.2.1 and offer 24/7 support.",
    ],
)
def test_a_date_of_a_thing_or_of_the_past_is_no_deadline(text: str) -> None:
    assert due(text, MONDAY) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("I'll repair what broke on Tuesday by Thursday.", "by Thursday"),
        ("I agreed to send the offer on Friday.", "on Friday"),
        ("I'll get the lease signed on Friday.", "on Friday"),
        ("I'll check that the printed copies arrive on Thursday.", "on Thursday"),
        ("I'll bring the samples to the meeting on Friday.", "on Friday"),
        ("I'll run the workshop on Friday.", "on Friday"),
        ("I'll send the slides by Monday's call.", "by Monday"),
    ],
)
def test_a_date_of_the_promise_beside_the_past_and_events(text: str, said: str) -> None:
    found = due(text, MONDAY)
    assert found is not None
    assert found.said == said


@given(
    st.dates(date(2000, 1, 1), date(2090, 1, 1)),
    st.sampled_from(["by Friday", "tomorrow", "next week", "by the 31st", "end of the month", "in 2 months", "May 5"]),
)
def test_a_due_date_is_never_before_the_meeting_and_within_a_year(day: date, said: str) -> None:
    found = due(f"done {said}", day)
    assert found is not None
    assert found.day is None or timedelta(0) <= found.day - day <= timedelta(days=366)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("I'll send it COB Wednesday.", "2026-05-06"),
        ("I'll send it by end of day on Friday.", "2026-05-08"),
        ("I'll send it Wednesday EOD.", "2026-05-06"),
        ("I'll send it by EOD tomorrow.", "2026-05-05"),
        ("We ship by Friday, 15 May.", "2026-05-15"),
        ("We ship by Monday, 2026-05-18.", "2026-05-18"),
        ("We ship by Tuesday the 12th.", "2026-05-12"),
        ("I will do it by Friday next week.", "2026-05-15"),
        ("I won't send it by Friday, I will send it by Monday.", "2026-05-11"),
        ("Don't forget to send it by Friday.", "2026-05-08"),
        ("I'm not free today but I'll send it by Friday.", "2026-05-08"),
        ("I haven't started and we will send it by Friday.", "2026-05-08"),
        ("We can't wait so Bob sends it by Friday.", "2026-05-08"),
        ("I will not only test it but also send it by Friday.", "2026-05-08"),
        ("I'll follow up on the May 1 outage by Friday.", "2026-05-08"),
        ("Today I will fix it.", "2026-05-04"),
    ],
)
def test_words_about_the_same_day_are_read_together(text: str, day: str) -> None:
    found = due(text, date(2026, 5, 4))
    assert found is not None
    assert found.day == date.fromisoformat(day)
    assert found.said in text


@pytest.mark.parametrize(
    "text",
    ["It was on Friday last week.", "I'll march 10 people out.", "I won't send it by Friday.", "Today I want to talk."],
)
def test_what_is_no_deadline(text: str) -> None:
    assert due(text, date(2026, 5, 4)) is None


def test_after_the_last_day_there_is_none() -> None:
    found = due("I will do it tomorrow.", date.max)
    assert found is not None
    assert found.day is None
