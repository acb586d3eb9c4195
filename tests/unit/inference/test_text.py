from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from besunny.inference.text.entities import entities
from besunny.inference.text.keywords import keywords
from besunny.inference.text.language import language
from besunny.inference.text.sentences import sentences
from besunny.inference.text.sentiment import sentiment
from besunny.inference.text.speech import MARKS, spoken
from besunny.inference.text.windows import characters_read, windows
from tests.unit.inference.fake_engine import BagEngine

TEXTS = st.text(st.sampled_from("abcdeA.!? \n\t,-:$3é漢1"), max_size=400)


@given(TEXTS)
def test_sentences_are_verbatim_in_order_and_leave_out_only_white_space(text: str) -> None:
    found = sentences(text)
    assert all(text[s.start : s.end] == s.text and s.text == s.text.strip() for s in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
    assert "".join("".join(s.text.split()) for s in found) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Dr. Smith met Mr. Jones at 5 p.m. on Monday. He left.",
            ["Dr. Smith met Mr. Jones at 5 p.m. on Monday.", "He left."],
        ),
        ("Version 3.5 is out! Is it?", ["Version 3.5 is out!", "Is it?"]),
        ("Title\n\nBody without a stop", ["Title", "Body without a stop"]),
        ("Points:\n- one\n- two", ["Points:", "- one", "- two"]),
        ("A line that\nwraps around.", ["A line that\nwraps around."]),
        ("Ann: yes\nBob: no", ["Ann: yes", "Bob: no"]),
    ],
)
def test_sentences_end_where_a_reader_stops(text: str, expected: list[str]) -> None:
    assert [s.text for s in sentences(text)] == expected


@given(TEXTS, st.integers(4, 40), st.integers(0, 4))
def test_windows_read_the_whole_text_within_their_size(text: str, most: int, overlap: int) -> None:
    found = windows(text, BagEngine(), max_tokens=most, overlap=overlap)
    assert characters_read(text, found) == len(text)
    assert all(1 <= window.tokens <= most for window in found)
    assert all(a.start < b.start and a.end < b.end for a, b in pairwise(found))


def test_overlap_repeats_whole_sentences() -> None:
    text = "One two three. Four five six. Seven eight nine. Ten eleven twelve."
    found = windows(text, BagEngine(), max_tokens=6, overlap=3)
    assert [text[w.start : w.end] for w in found] == [
        "One two three. Four five six.",
        "Four five six. Seven eight nine.",
        "Seven eight nine. Ten eleven twelve.",
    ]


def test_characters_outside_every_window_are_not_counted_as_read() -> None:
    text = "One two. Three four. Five six."
    found = windows(text, BagEngine(), max_tokens=2)
    assert characters_read(text, found[:1] + found[2:]) == len(text) - len("Three four.")


def test_keywords_are_what_the_text_repeats_and_stand_in_it() -> None:
    text = "The solar panel supplier called. Solar panel prices fell, so the solar panel budget is fine. It was good."
    found = keywords(text)
    assert found[0].text.lower() == "solar panel"
    assert (found[0].count, found[0].weight) == (3, 1.0)
    assert all(text[k.start : k.end] == k.text for k in found)
    assert not {"the", "was", "good"} & {k.text.lower() for k in found}
    assert [k.weight for k in found] == sorted((k.weight for k in found), reverse=True)


def test_keywords_of_speech_pass_over_names_of_speakers() -> None:
    text = "Product Manager: the budget {laugh} is tight\n" * 5
    assert {k.text for k in keywords(text, skip=MARKS)} == {"budget", "tight"}
    assert spoken(text.splitlines()[0]) == "the budget is tight"
    assert spoken("{laugh}") == "{laugh}"


def test_entities_of_a_mail() -> None:
    text = (
        "From: Anna Keller <anna@acme.com>\nHi Bob, the invoice of Acme Studios Ltd for $12,500 is overdue since "
        "March 3, 2024. Dr. James van Dyke of the University of Oxford visits Berlin next Monday; the Bank of Scotland "
        "paid 3.5 million euros."
    )
    found = entities(text)
    names = {kind: [span.text for span in spans] for kind, spans in found}
    assert names == {
        "people": ["Anna Keller", "Bob", "Dr. James van Dyke"],
        "organizations": ["Acme Studios Ltd", "University of Oxford", "Bank of Scotland"],
        "locations": ["Berlin"],
        "dates": ["March 3, 2024", "next Monday"],
        "money": ["$12,500", "3.5 million euros"],
    }


PIECES = ["Anna ", "Keller", " ", "$5", "May ", "2024", "\n", "Ltd", "Paris", ".", "of ", "Bank "]


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_entities_stand_in_the_text_once_each(text: str) -> None:
    for _, spans in entities(text):
        assert all(text[span.start : span.end] == span.text and span.text for span in spans)
        assert len({span.text.lower() for span in spans}) == len(spans)


def test_an_organisation_begins_after_the_words_that_lead_to_it() -> None:
    text = "The Alpine Group met. Anna Keller of Alpine Watches AG came, and Smith and Sons Ltd did not."
    assert [span.text for span in entities(text).organizations] == [
        "Alpine Group",
        "Alpine Watches AG",
        "Smith and Sons Ltd",
    ]


def test_entities_invent_nothing() -> None:
    assert not any(spans for _, spans in entities("we will see what may come of it, and then go on"))


@pytest.mark.parametrize(
    ("text", "mood"),
    [
        ("We are happy with the great result, thanks!", "positive"),
        ("The deploy failed, there are errors and delays.", "negative"),
        ("This is not good and not acceptable, it is broken.", "negative"),
        ("The design is great and we love it, but delivery failed and support is terrible.", "mixed"),
        ("The meeting is at noon in room four.", "neutral"),
    ],
)
def test_sentiment(text: str, mood: str) -> None:
    assert sentiment(text)[0] == mood


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("This is the text that we will read for you.", "en"),
        ("Wir werden das nicht mit der Bank machen und ich gehe.", "de"),
        ("Nous avons besoin de la liste pour les clients et une date.", "fr"),
        ("これは日本語の文章です", "ja"),
        ("会議の議事録を送って", "ja"),
        ("请在周五之前发送合同。", "zh"),
        ("Это русский текст", "ru"),
        ("Надішліть договір до п'ятниці.", "uk"),
        ("Bitte bis Freitag prüfen.", "de"),
        ("Jag behöver din hjälp med rapporten.", "sv"),
        ("Musimy przygotować raport dla klienta.", "pl"),
        ("Lütfen sözleşmeyi yarın gönder.", "tr"),
        ("Hyvää huomenta kaikille", "fi"),
        ("Dobré ráno všem", "cs"),
        ("Kérem küldje el a szerződést péntekig.", "hu"),
        ("Goedemorgen allemaal", "nl"),
        ("Bom dia a todos, obrigado", "pt"),
        ("Gửi hợp đồng trước thứ sáu.", "vi"),
        ("12345 !!", "und"),
        ("Kickoff in Berlin with Herr Müller and Zoë Bjørnson", "en"),
        ("Jose García, Munich office", "und"),
        ("Merci campaign: photo shoot in Paris", "und"),
        ("Please review the deck", "en"),
        ("LGTM", "und"),
    ],
)
def test_language(text: str, code: str) -> None:
    assert language(text) == code
