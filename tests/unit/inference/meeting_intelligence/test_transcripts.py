"""Every form a transcript comes in gives the same turns; what is wrong is named with its fix."""

import json
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from besunny.errors import InvalidInputError
from besunny.inference.contracts.meeting_intelligence import MeetingRequest
from besunny.inference.contracts.parse import parse_request

TURNS = [("Anna Schmidt", "Hello there.", 1.0), ("Bob", "We ship: on Monday.", 62.5)]
VTT = """WEBVTT

NOTE made up

1
00:00:01.000 --> 00:00:03.000 align:start
<v Anna Schmidt>Hello <i>there</i>.</v>

00:01:02.500 --> 00:01:04.000
Bob: We ship: on Monday.
"""
SRT = """1
00:00:01,000 --> 00:00:03,000
Anna Schmidt: Hello there.

2
00:01:02,500 --> 00:01:04,000
Bob: We ship: on Monday.
"""


@pytest.mark.parametrize(
    "transcript",
    [
        VTT,
        "\ufeff" + VTT.replace("\n", "\r\n"),
        VTT.replace("00:01:02.500", "01:02.500").replace("00:01:04", "01:04"),
        SRT,
        SRT.replace("\n\n2", "\n2"),
        "[00:00:01] Anna Schmidt: Hello there.\n[00:01:02.5] Bob: We ship: on Monday.",
        "00:00:01 - Anna Schmidt: Hello there.\n00:01:02.5 - Bob: We ship: on Monday.",
        "Anna Schmidt (0:01): Hello there.\nBob (1:02.5): We ship: on Monday.",
        "Anna Schmidt  0:01\nHello there.\n\nBob  1:02.5\nWe ship: on Monday.\n",
        "**Anna Schmidt** [0:01]: Hello there.\n>> 1:02.5 Bob: We ship: on Monday.",
        [{"speaker_name": "Anna Schmidt", "content": "Hello there.", "start": "00:00:01"},
         {"speaker": {"name": "Bob"}, "text": "We ship: on Monday.", "start_time": 62.5}],
        {"segments": [{"speaker": "Anna Schmidt", "text": "Hello there.", "start_time": 1},
                      {"speaker": "Bob", "text": "We ship: on Monday.", "timestamp": "62.5"}]},
    ],
)  # fmt: skip
@pytest.mark.parametrize("wrapper", [None, "meeting_data", "meeting"])
def test_each_form_gives_the_same_turns(transcript: Any, wrapper: str | None) -> None:
    body = {"transcript": transcript}
    request = MeetingRequest.model_validate({wrapper: body} if wrapper else body)
    assert [(s.speaker, s.text, s.start_time) for s in request.segments] == TURNS


def test_lines_without_a_name_go_on_and_words_before_a_colon_are_not_always_names() -> None:
    request = MeetingRequest.model_validate(
        {"transcript": "a preamble\nAnna: first.\nNote: still Anna.\nand more\nthe thing is: no name\nBob Lee (PM): hi"}
    )
    assert [(s.speaker, s.text) for s in request.segments] == [
        ("Unknown", "a preamble"),
        ("Anna", "first.\nNote: still Anna.\nand more\nthe thing is: no name"),
        ("Bob Lee (PM)", "hi"),
    ]


@pytest.mark.parametrize(
    "name", ["Ana 🎉", "🦊 Ana", "👩\u200d💻 Ana Lopez 🇩🇪", "Ana❤\ufe0f Lopez", "Jose\u0301", "Zoë 🧑🏽\u200d🚀 (Host)"]
)
@pytest.mark.parametrize(
    "form", ["{}: Hello.", "[0:01] {}: Hello.", "WEBVTT\n\n00:01.000 --> 00:02.000\n{}: Hello.\n", "{}  0:01\nHello."]
)
def test_a_name_keeps_its_emoji_and_marks(form: str, name: str) -> None:
    (segment,) = MeetingRequest.model_validate({"transcript": form.format(name)}).segments
    assert (segment.speaker, segment.text) == (name, "Hello.")


def test_a_sign_alone_or_before_words_is_no_name() -> None:
    text = "Ana: done:\n✅: the plan\n→ Bob: told\n👍 all of it: yes"
    (segment,) = MeetingRequest.model_validate({"transcript": text}).segments
    assert (segment.speaker, segment.text) == ("Ana", text.removeprefix("Ana: "))


def test_a_cue_of_two_voices_is_two_turns_at_its_time() -> None:
    vtt = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Anna>Yes &amp; no.</v> <v.loud Bob>Maybe.</v>\n"
    segments = MeetingRequest.model_validate({"transcript": vtt}).segments
    assert [(s.speaker, s.text, s.start_time, s.end_time) for s in segments] == [
        ("Anna", "Yes & no.", 1.0, 2.0),
        ("Bob", "Maybe.", 1.0, 2.0),
    ]


def test_missing_speakers_are_unknown_and_empty_turns_keep_their_place() -> None:
    request = MeetingRequest.model_validate({"segments": [{"text": ""}, {"speaker": " ", "text": "Hi."}, "Bob: yes"]})
    assert [(s.speaker, s.text) for s in request.segments] == [("Unknown", ""), ("Unknown", "Hi."), ("Bob", "yes")]


def test_original_form_keeps_every_field() -> None:
    body = {
        "meeting_id": "m1", "language": "en", "duration_seconds": 60, "participants": [{"name": "Anna"}, "Bob"],
        "segments": [{"start_time": 0, "end_time": 2.5, "speaker": "Anna", "text": "Hi.", "confidence": 0.9}],
        "metadata": {"date": "2026-05-18T09:00:00Z", "room": "4"},
    }  # fmt: skip
    request = MeetingRequest.model_validate(body)
    assert (request.meeting_id, request.duration_seconds, request.participants) == ("m1", 60, ["Anna", "Bob"])
    assert (request.segments[0].end_time, request.segments[0].confidence) == (2.5, 0.9)
    assert str(request.meeting_date) == "2026-05-18"
    assert request.metadata["room"] == "4"


@pytest.mark.parametrize(
    ("body", "field", "fix"),
    [
        ({}, "segments", "transcript"),
        ({"segments": []}, "segments", "transcript"),
        ({"segments": [{"speaker": "A", "text": " "}]}, "segments", "spoken"),
        ({"transcript": "  \n"}, "transcript", "text"),
        ({"transcript": 7}, "transcript", "list"),
        ({"transcript": "\x00\x01\x02"}, "transcript", "plain text"),
        ({"transcript": "1\n00:00:02,000 --> 00:00:01,000\nA: x\n"}, "transcript", "after the start"),
        ({"transcript": "WEBVTT\n\n00:00 -> x --> 1\nA: x\n"}, "transcript", "HH:MM:SS"),
        ({"segments": [{"text": "x"}, {"text": "x", "start_time": 3, "end_time": 1}]}, "segments.1", "end_time"),
        ({"segments": [{"text": "x", "start_time": -1}]}, "segments.0.start_time", ">= 0"),
        ({"segments": [{"text": "x", "start_time": True}]}, "segments.0.start_time", "seconds"),
        ({"segments": [{"text": "x", "end_time": "soon"}]}, "segments.0.end_time", "HH:MM:SS"),
        ({"segments": [{"text": "x", "start_time": "nan"}]}, "segments.0.start_time", "seconds"),
        ({"segments": [{"text": 5}]}, "segments.0.text", ""),
        ({"segments": [{"text": "x"}, 5]}, "segments.1", ""),
        ({"segments": [{"text": "x", "confidence": 2}]}, "segments.0.confidence", ""),
        ({"transcript": "A: x", "participants": 5}, "participants", "list"),
        ({"transcript": "A: x", "meeting_date": "monday"}, "meeting_date", "ISO 8601"),
        ({"transcript": "A: x", "duration_seconds": -5}, "duration_seconds", ">= 0"),
        ({"transcript": "A: x \ud800"}, "transcript", "Unicode"),
    ],
)
def test_what_is_wrong_is_named_with_its_fix(body: dict[str, Any], field: str, fix: str) -> None:
    with pytest.raises(InvalidInputError) as raised:
        parse_request("meeting_intelligence", body)
    assert field in [error.field for error in raised.value.errors]
    assert any(fix in error.fix for error in raised.value.errors)


_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(str.strip)


@given(st.lists(st.tuples(st.text("ABCdef ", max_size=8), _TEXT), min_size=1, max_size=8))
def test_a_request_survives_storage(turns: list[tuple[str, str]]) -> None:
    request = MeetingRequest.model_validate({"segments": [{"speaker": s, "text": t} for s, t in turns]})
    assert [segment.text for segment in request.segments] == [text for _, text in turns]
    assert MeetingRequest.model_validate(json.loads(request.model_dump_json())) == request


@given(st.text(st.characters(categories=["L", "P", "Zs"], exclude_characters=":"), max_size=400).filter(str.strip))
@example("WEBVTTs are files of captions")
def test_text_without_names_or_times_is_one_turn_of_somebody_unknown(text: str) -> None:
    assume(text.split(maxsplit=1)[0] != "WEBVTT")  # that is a file of captions
    request = MeetingRequest.model_validate({"transcript": text})
    assert [(segment.speaker, segment.text) for segment in request.segments] == [("Unknown", text.strip())]


@pytest.mark.parametrize(
    "name", ["Anna 🌸", "🦄 Bob", "Łukasz Żak 👨‍👩‍👧", "王 小明", "anna.s@acme.com", "Anna (she/her)"]
)
@pytest.mark.parametrize("line", ["{}: hi there", "[00:05] {}: hi there", "{} (0:05): hi there", "{}  0:05\nhi there"])
def test_names_may_hold_pictures_and_any_letters(name: str, line: str) -> None:
    request = MeetingRequest.model_validate({"transcript": line.format(name)})
    assert [(s.speaker, s.text) for s in request.segments] == [(name, "hi there")]


def test_a_name_beside_a_time_may_be_last_and_first() -> None:
    request = MeetingRequest.model_validate({"transcript": "Schmidt, Anna  0:05\nYes, Bob: go on.\n"})
    assert [(s.speaker, s.text) for s in request.segments] == [("Schmidt, Anna", "Yes, Bob: go on.")]
