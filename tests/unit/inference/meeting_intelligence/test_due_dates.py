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
